"""Breaks what sensors send: a small catalogue, applied between a sensor's firmware and its radio.

    drop        silent: the sensor is out of range or its battery is out
    no_fix      the receiver goes on sending but has no position (acted out by the GPS itself)
    duplicate   a packet comes twice
    late        a packet comes 0.5 to 3 s late, so that packets overtake each other
    bad_bytes   a packet is cut short or has one wrong byte
    freeze      the sensor repeats the last bytes it sent before the fault began
    impostor    somebody else's footpod or receiver, of a faster runner, is heard in its stead

Times are in seconds after the gun.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

from firmware_sim import constants as c
from firmware_sim import encode
from firmware_sim.gauss_markov import stream

if TYPE_CHECKING:
    from firmware_sim.packet import Packet
    from firmware_sim.scenario import Scenario

Kind = Literal["drop", "no_fix", "duplicate", "late", "bad_bytes", "freeze", "impostor"]
KINDS: tuple[Kind, ...] = get_args(Kind)
IMPOSTOR_MPS, IMPOSTOR_SPM = 7.5, 95  # m/s, strides a minute: a plausible runner, 31 % faster than 4:41
_LATE_S = (0.5, 3.0)  # s, the range of lateness under which estimators were compared


@dataclass(frozen=True, slots=True)
class Fault:
    """Describes one fault of one sensor."""

    kind: Kind
    sensor: str
    from_s: float  # s after the gun
    to_s: float
    share: float = 1.0  # of the packets in that time

    def covers(self, sensor: str, elapsed_s: float) -> bool:
        """Tells whether it is this sensor's time of trouble."""
        return sensor == self.sensor and self.from_s <= elapsed_s < self.to_s


class Faults:
    """Applies a scenario's faults to packets, in the order in which they are sent."""

    def __init__(self, faults: tuple[Fault, ...], seed: int) -> None:
        self._faults = faults
        self._rng = stream(seed, "faults")
        self._last: dict[
            tuple[str, str], bytes
        ] = {}  # the newest unfrozen bytes, by sensor and characteristic

    @classmethod
    def of(cls, scenario: Scenario, seed: int) -> Faults:
        """Returns a scenario's faults with those that the seed draws: holes in the sky's view."""
        if not scenario.gps.holes:
            return cls(scenario.faults, seed)
        rng = stream(seed, "holes")
        part_s = scenario.target_s / c.HOLES  # one hole in each part, so that they do not meet
        lengths = [float(x) for x in rng.uniform(*c.HOLE_S, c.HOLES)]
        begins = [i * part_s + float(rng.uniform(0, part_s - long)) for i, long in enumerate(lengths)]
        holes = (Fault("no_fix", "gps", t, t + long) for t, long in zip(begins, lengths, strict=True))
        return cls((*scenario.faults, *holes), seed)

    def no_fix_since(self, sensor: str, elapsed_s: float) -> float | None:
        """Returns for how many seconds the receiver has had no fix, None when it has one."""
        times = (f.from_s for f in self._faults if f.kind == "no_fix" and f.covers(sensor, elapsed_s))
        return max((elapsed_s - from_s for from_s in times), default=None)

    def apply(self, packet: Packet, elapsed_s: float) -> list[Packet]:
        """Returns what becomes of a packet sent `elapsed_s` after the gun (-inf before it)."""
        out = [packet]
        frozen = False
        for fault in self._faults:
            if fault.covers(packet.sensor, elapsed_s) and self._rng.random() < fault.share:
                frozen |= fault.kind == "freeze"
                since_s = elapsed_s - fault.from_s
                out = [changed for one in out for changed in self._change(fault.kind, one, since_s)]
        if not frozen:
            self._last[packet.sensor, packet.char] = packet.data
        return out

    def _change(self, kind: Kind, packet: Packet, since_s: float) -> list[Packet]:
        match kind:
            case "drop":
                return []
            case "duplicate":
                return [packet, packet]
            case "late":
                return [replace(packet, t=packet.t + self._rng.uniform(*_LATE_S))]
            case _:
                return [replace(packet, data=self._said(kind, packet, since_s))]

    def _said(self, kind: Kind, packet: Packet, since_s: float) -> bytes:
        match kind:
            case "bad_bytes":
                return self._damaged(packet.data)
            case "freeze":
                return self._last.get((packet.sensor, packet.char), packet.data)
            case "impostor":
                return _impostor(packet.char, since_s) or packet.data
            case _:
                return packet.data

    def _damaged(self, data: bytes) -> bytes:
        place = int(self._rng.integers(len(data)))
        if self._rng.random() < 0.5:  # half of them are cut short
            return data[:place]
        return data[:place] + bytes((data[place] ^ int(self._rng.integers(1, 256)),)) + data[place + 1 :]


def _impostor(char: str, since_s: float) -> bytes | None:
    """Returns what the other runner's sensor says, None where it says nothing of speed."""
    match char:
        case encode.RSC_MEASUREMENT:
            length_m = IMPOSTOR_MPS * 60 / IMPOSTOR_SPM
            return encode.rsc_measurement(
                IMPOSTOR_MPS,
                IMPOSTOR_SPM,
                running=True,
                stride_length_m=length_m,
                distance_m=IMPOSTOR_MPS * since_s,
            )
        case encode.LOCATION_AND_SPEED:
            record = encode.LocationAndSpeed(encode.PositionStatus.OK, speed_mps=IMPOSTOR_MPS)
            return encode.location_and_speed(record)
        case _:
            return None
