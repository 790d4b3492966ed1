from __future__ import annotations

import asyncio
import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware_sim.devices import Device, audio, display
from firmware_sim.devices.cue_filter import ClockOffset
from firmware_sim.devices.device import WATCHDOG_S
from pacer.clock import run_virtual

STATE, CUE = "pacer/v1/run/state", "pacer/v1/run/cue/rider"
AHEAD = 700.0  # s, the device's clock minus pacer's


def state(t: float, run: str = "a", ttl: float = 2.0, **more: Any) -> bytes:
    return json.dumps({"v": 1, "run": run, "seq": 1, "t": t, "ttl": ttl} | more).encode()


def cue(seq: int, t: float, run: str = "a", **changes: Any) -> bytes:
    body = {"v": 1, "run": run, "seq": seq, "t": t, "ttl": 3.0, "word": "ease", "change_mps": -0.1}
    return json.dumps(body | changes).encode()


def listening(until: float = 5.0, device: Device | None = None) -> Device:
    """Returns a device that has heard states from 0 s to `until`, each 20 ms after it was true."""
    device = device or display()
    for tenth in range(int(until * 10) + 1):
        device.hear(STATE, state(tenth / 10), AHEAD + tenth / 10 + 0.02)
    return device


def test_fresh_cue_is_taken_and_a_late_one_is_not() -> None:
    device = listening()
    assert device.hear(CUE, cue(1, t=5.0), AHEAD + 5.1)
    assert not device.hear(CUE, cue(2, t=5.0), AHEAD + 8.1)
    assert device.dropped == {"late": 1}


def test_cue_that_grows_old_on_the_way_to_the_ear_is_not_played() -> None:
    async def main() -> list[int]:
        device, loop = audio(), asyncio.get_running_loop()
        for tenth in range(20):
            await asyncio.sleep(0.1)
            device.hear(STATE, state(tenth / 10), loop.time())
        told: list[int] = []
        for seq, age in ((1, 2.9), (2, 2.8)):  # the headphones add 0.15 s, and 3 s are allowed
            heard = device.hear("pacer/v1/run/cue/runner", cue(seq, t=1.9 - age), loop.time())
            assert heard
            device.play(heard, lambda _word, _change, number: told.append(number))
        await asyncio.sleep(1.0)
        assert [s.seq for s in device.shown] == told
        return told

    assert run_virtual(main()) == [2]


def test_duplicate_and_older_cues_are_dropped() -> None:
    device = listening()
    assert device.hear(CUE, cue(5, t=5.0), AHEAD + 5.1)
    assert not device.hear(CUE, cue(5, t=5.0), AHEAD + 5.2)
    assert not device.hear(CUE, cue(4, t=5.0), AHEAD + 5.2)
    assert device.hear(CUE, cue(6, t=5.1), AHEAD + 5.3)
    assert device.dropped == {"old": 2}


def test_after_a_restart_of_pacer_counting_begins_anew() -> None:
    device = listening()
    assert device.hear(CUE, cue(50, t=5.0), AHEAD + 5.1)
    for tenth in range(20):  # a new run whose clock began again, as after a reboot
        device.hear(STATE, state(tenth / 10, run="b"), AHEAD + 100 + tenth / 10)
    assert device.hear(CUE, cue(1, t=2.0, run="b"), AHEAD + 102.0)


def test_burst_from_a_broker_that_had_stalled_shows_nothing_to_a_device_that_has_just_come() -> None:
    device = display()
    now = AHEAD + 100.0
    for tenth in range(40):  # states and a cue of the last 4 s, all at once, oldest first
        device.hear(STATE, state(96 + tenth / 10), now + tenth * 1e-4)
        if tenth == 5:
            assert not device.hear(CUE, cue(1, t=96.5), now + tenth * 1e-4)
    assert device.dropped == {"unsettled": 1}


def test_other_persons_cue_is_not_for_us() -> None:
    device = listening(device=audio())
    assert not device.hear(CUE, cue(1, t=5.0), AHEAD + 5.1)
    assert device.hear("pacer/v1/run/cue/runner", cue(2, t=5.0), AHEAD + 5.1)


def test_display_asks_by_fresh_states_alone_where_both_speeds_are_known() -> None:
    asked: list[tuple[float, float]] = []
    device = listening()
    device._on_ask = lambda asked_mps, shown_mps: asked.append((asked_mps, shown_mps))
    both: dict[str, Any] = {"rider_asked_mps": 5.9, "rider_speed_mps": 5.7}
    device.hear(STATE, state(5.1, **both), AHEAD + 5.11)
    device.hear(STATE, state(5.2, **both | {"rider_asked_mps": None}), AHEAD + 5.21)
    device.hear(STATE, state(5.3, **both), AHEAD + 15.3)
    assert asked == [(5.9, 5.7)]


def test_watchdog_blanks_once_when_states_stop_and_wakes_with_them() -> None:
    device = listening()
    device.check_watchdog(AHEAD + 5.02 + WATCHDOG_S)
    assert device.blanked == []
    device.check_watchdog(AHEAD + 5.1 + WATCHDOG_S)
    device.check_watchdog(AHEAD + 9.0)
    assert len(device.blanked) == 1
    device.hear(STATE, state(9.0), AHEAD + 9.02)
    device.check_watchdog(AHEAD + 9.5)
    assert len(device.blanked) == 1


def test_stale_states_do_not_feed_the_watchdog() -> None:
    device = listening()
    for tenth in range(40):
        device.hear(STATE, state(5.0), AHEAD + 5.0 + tenth / 10)
    device.check_watchdog(AHEAD + 9.05)  # the last one younger than 2 s came at 7.0
    assert len(device.blanked) == 1


def test_clock_difference_is_the_smallest_delay_and_forgets_in_a_minute() -> None:
    offset = ClockOffset()
    for i in range(100):
        offset.hear("a", float(i), AHEAD + i + (0.005 if i == 30 else 0.2))
    assert offset.age(100.0, AHEAD + 100.0) is not None
    assert abs((offset.age(80.0, AHEAD + 80.0) or 0.0) + 0.2) < 1e-6  # 30 is over a minute ago by now
    offset.hear("a", 100.0, AHEAD + 100.005)
    assert abs((offset.age(100.0, AHEAD + 101.0) or 0.0) - 0.995) < 1e-6


def test_who_slept_for_over_a_minute_wakes_to_nothing_old() -> None:
    device = listening()
    woke = AHEAD + 5.0 + 90.0
    for tenth in range(1, 11):  # they sat in the socket
        assert device.hear(STATE, state(5.0 + tenth / 10), woke) is None
    assert device.hear(CUE, cue(1, 6.0), woke) is None
    assert device.dropped["unsettled"] == 1


BUSY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # other work may slow us


@BUSY
@given(
    st.sampled_from([STATE, CUE, "pacer/v1/run/status", "pacer/v1/run", "x", ""]),
    st.binary(max_size=200)
    | st.dictionaries(
        st.sampled_from(["v", "run", "seq", "t", "ttl", "word", "change_mps", "state"]),
        st.none() | st.booleans() | st.just(1) | st.floats() | st.text(max_size=4) | st.lists(st.integers()),
    ).map(lambda d: json.dumps(d).encode()),
)
def test_no_payload_stops_a_device(topic: str, payload: bytes) -> None:
    device = display()
    device.hear(topic, payload, 1.0)
    assert device.shown == []
