"""S3, S4: a sensor that was lost is found again, whatever radio and stack do meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import groupby, pairwise
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from firmware_sim.radio import Air
from pacer.clock import LoopClock, VirtualLoop, run_virtual
from pacer.errors import HardwareError
from pacer.inputs import Input, Link, Notification, Tick
from pacer.outputs import Notice
from pacer.setup import SensorSpec, Setup
from pacer.sources.ble import BleSource
from tests.promises.promised import Measured, Promise
from tests.promises.test_sensors import S3
from tests.support.air import POD, POD_ADDRESS, STRAP, STRAP_ADDRESS, chattering, listening, pod, switched_on
from tests.support.direct import feed
from tests.support.flaky import Ether, Peer

S4 = Promise(
    "S4",
    "reconnecting never gives up, never hangs, never floods",
    "an attempt takes 20 s at most, one at a time; 0.25 to 4 s between failures; back 10 s after the trouble",
)
ATTEMPT_S, BACK_S, GOODBYE_S = 20.0, 10.0, 5.0
WAITS_S = (0.25, 0.25, 0.5, 1.0, 2.0, 4.0)  # s after a link that held, the first, second … failure in a row
STEADY_S = 5.0  # s; a link that ends sooner is a failure, too
STEP_S = 1e-6  # s, how finely clocks are read
SPECS = (POD, STRAP)
IMPOSTOR = "C6:66:66:66:66:66"
MANNERS = ("well", "hang", "refuse", "die", "odd", "mute", "deaf", "flap")
sensors = st.sampled_from([POD_ADDRESS, STRAP_ADDRESS])
pauses = st.sampled_from([0.0, 0.1, 0.4, 1.0, 3.0, 7.0, 30.0])  # s


class Reconnecting(RuleBasedStateMachine):
    """Plays tricks on two supervised sensors, and looks after each whether the rules were kept."""

    back_s: ClassVar[list[float]] = []  # s, after each peace
    took_s: ClassVar[list[float]] = []  # s, each attempt

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner(loop_factory=VirtualLoop)
        real = [Peer(POD_ADDRESS, "Pod", "1814", "2a53"), Peer(STRAP_ADDRESS, "Strap", "180d", "2a37")]
        self.peers = {peer.address: peer for peer in real}
        self.ether = Ether(real)
        self.posted: list[Input] = []

    @initialize(there=st.booleans())
    def begin(self, there: bool) -> None:  # noqa: FBT001 - drawn
        async def begin() -> None:
            source = BleSource(SPECS, LoopClock(), self.ether.radio)
            self.task = asyncio.create_task(source.run(self.posted.append))
            self.speaking = asyncio.create_task(self.ether.speak())

        for peer in self.peers.values():
            peer.there = there
        self.runner.run(begin())

    @rule(seconds=pauses)
    def time_goes_by(self, seconds: float) -> None:
        self.runner.run(asyncio.sleep(seconds))

    @rule(address=sensors, reports_s=st.sampled_from([0.0, 4.0, 20.0]), seconds=pauses)
    def goes_out_of_range(self, address: str, reports_s: float, seconds: float) -> None:
        self.peers[address].reports_s = reports_s
        self._do(self.peers[address].vanish, seconds)

    @rule(address=sensors, manner=st.sampled_from(MANNERS), seconds=pauses)
    def is_in_range(self, address: str, manner: str, seconds: float) -> None:
        self.peers[address].there, self.peers[address].manner = True, manner
        self.runner.run(asyncio.sleep(seconds))

    @rule(address=sensors, manner=st.sampled_from(MANNERS), seconds=pauses)
    def ends_the_link(self, address: str, manner: str, seconds: float) -> None:
        self.peers[address].manner = manner
        self._do(self.peers[address].drop, seconds)

    @rule(address=sensors, name=st.sampled_from(["Pod", "Strap", "Renamed"]))
    def calls_itself(self, address: str, name: str) -> None:
        self.peers[address].name = name

    @rule()
    def an_impostor_appears(self) -> None:
        if len(self.ether.peers) == len(SPECS):
            self.ether.peers.insert(0, Peer(IMPOSTOR, "Strap", "180d", "2a37"))

    @rule(trouble=st.lists(st.sampled_from(["refuse", "hang"]), min_size=1, max_size=2))
    def scanning_fails(self, trouble: list[str]) -> None:  # a third time in a row, the adapter is missing
        if not self.ether.scan_trouble:
            self.runner.run(asyncio.sleep(40.0))  # so that no two lists follow each other
            self.ether.scan_trouble += trouble

    @rule()
    def peace(self) -> None:
        """Ends all trouble; what hangs runs into its limit, and then all sensors are back within 10 s."""
        for peer in self.peers.values():
            peer.manner, peer.there = "well", True
        self.ether.scan_trouble.clear()
        self.runner.run(self._answers())
        self.back_s.append(self.runner.run(self._all_heard()))

    @invariant()
    def goes_on(self) -> None:
        if hasattr(self, "task"):
            assert not self.task.done()
            assert self.ether.offences == []

    @invariant()
    def attempts_are_few_and_bounded(self) -> None:
        for address, found in groupby(
            sorted(self.ether.attempts, key=lambda a: a.address), lambda a: a.address
        ):
            assert address in self.peers, "an impostor was connected"
            attempts, failures = list(found), 0
            for one in attempts:
                took_s = (self._now() if one.ended is None else one.ended) - one.began
                assert took_s <= ATTEMPT_S + STEP_S
                self.took_s.append(took_s)
            for one, after in pairwise(attempts):
                assert one.ended is not None
                assert one.over is not None
                failures = 0 if one.listens and one.over - one.ended > STEADY_S - 0.01 else failures + 1
                assert after.began - one.over >= WAITS_S[min(failures, len(WAITS_S) - 1)] - STEP_S

    def teardown(self) -> None:
        if hasattr(self, "task"):
            self._lost_and_back_are_told_once_each()
            self.task.cancel()
            self.speaking.cancel()
            self.runner.run(asyncio.wait([self.task, self.speaking]))
            assert self.task.cancelled()
        self.runner.close()

    def _lost_and_back_are_told_once_each(self) -> None:
        ticks: list[Input] = [Tick(n / 2) for n in range(int(self._now() * 2))]
        items = sorted([*ticks, *self.posted], key=lambda item: item.t)
        for spec in SPECS:
            states = self._states(spec)
            assert ("connected", "connected") not in pairwise(states)
            outputs = feed(Setup(sensors=(spec,)), (item for item in items if _is_of(item, spec)))
            said = [one.code for one in outputs if isinstance(one, Notice)]
            assert said == [("sensor-gone", "sensor-back")[n % 2] for n in range(len(said))]

    async def _all_heard(self) -> float:
        """Waits until every sensor is connected and heard; returns how long that took, s."""
        began, heard = self._now(), len(self.posted)
        async with asyncio.timeout(BACK_S):
            while True:
                await asyncio.sleep(0.1)
                speakers = {item.sensor for item in self.posted[heard:] if isinstance(item, Notification)}
                if speakers == {spec.name for spec in SPECS}:
                    return self._now() - began

    async def _answers(self) -> None:
        """Waits until no call hangs and no lost link is untold any more."""
        for _ in range(round(10 * len(SPECS) * (ATTEMPT_S + GOODBYE_S))):
            if not self.ether.hanging and not self.ether.owed:
                return
            await asyncio.sleep(0.1)
        raise AssertionError("something hangs for ever")

    def _do(self, act: Callable[[], None], then_s: float) -> None:
        async def do() -> None:
            act()
            await asyncio.sleep(then_s)

        self.runner.run(do())

    def _now(self) -> float:
        return self.runner.get_loop().time()

    def _states(self, spec: SensorSpec) -> list[str]:
        return [item.state for item in self.posted if isinstance(item, Link) and item.sensor == spec.name]


def _is_of(item: Input, spec: SensorSpec) -> bool:
    return isinstance(item, Tick) or getattr(item, "sensor", None) == spec.name


@S4
def test_s4_reconnecting_never_gives_up_never_hangs_never_floods(measured: Measured) -> None:
    quick = settings(
        max_examples=60,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    run_state_machine_as_test(Reconnecting, settings=quick)
    measured(S4, "{:.0f} s for an attempt at most", max(Reconnecting.took_s))
    measured(S4, "heard again {:.1f} s after the trouble at most", max(Reconnecting.back_s, default=0.0))


@S4
def test_s4_a_stack_that_hangs_at_scanning_is_told_and_not_waited_for(measured: Measured) -> None:
    async def run() -> float:
        ether = Ether([Peer(POD_ADDRESS, "Pod", "1814", "2a53")], scan_trouble=["hang"] * 3)
        with pytest.raises(HardwareError, match="no Bluetooth adapter: a scan does not start within 10 s"):
            await BleSource((POD,), LoopClock(), ether.radio).run(lambda _item: None)
        return LoopClock().now()

    hung_s = run_virtual(run())
    assert hung_s <= 40.0
    measured(S4, "a stack that does not even scan is told after {:.0f} s", hung_s)


@S3
def test_s3_a_sensor_that_is_back_in_range_is_subscribed_within_10_s(measured: Measured) -> None:
    """Takes a footpod off the air for 0.3 to 17 s, 100 times: shorter and longer than a link's timeout."""

    async def run() -> list[float]:
        air = Air()
        server = await switched_on(air, pod())
        delays = []
        async with listening(air, POD) as posted, chattering(server, "2a53"):
            await asyncio.sleep(5)
            for n in range(100):
                server.power_off()
                await asyncio.sleep(0.3 + 0.17 * n)
                back = asyncio.get_running_loop().time()
                server.power_on()
                await asyncio.sleep(12)
                delays.append(min(x.t for x in posted.notifications("2a53") if x.t > back) - back)
        return delays

    delays = sorted(run_virtual(run()))
    assert delays[-1] <= BACK_S
    assert delays[50] <= 3.0
    measured(S3, "heard {:.1f} s after it is in range at most", delays[-1])
    measured(S3, "half of 100 times within {:.1f} s", delays[50])
