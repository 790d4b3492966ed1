"""Puts a simulated run's inputs into readings with the times at which they were true, known to no filter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from firmware_sim.constants import START_UNIX_S
from pacer import gatt
from pacer.errors import DecodeError
from pacer.gatt.stream import BadFrame, Stream
from pacer.inputs import Command, Notification
from pacer.measurement import Fix, Measurement, Stride
from tests.benchmarks.exact import POD_LAG_S
from tests.benchmarks.runs import SimRun

LATEST_S = 3.0  # s: older readings tell nothing that later ones do not


@dataclass(frozen=True, slots=True)
class Heard:
    """Holds one reading."""

    t: float  # s, arrival
    kind: Literal["fix", "pod", "tap"]
    lag: float  # s, how long ago it was true on arrival, without the time-tag error
    index: int = -1  # of a fix among the run's nuisances
    measurement: Fix | Stride | None = None
    line_m: float = 0.0  # of a tap


def heard(run: SimRun) -> list[Heard]:
    """Lists the runner's readings by arrival; doubled and overtaken ones are left out."""
    found: list[Heard] = []
    newest = {"fix": -1.0, "pod": -1.0}
    for m in _measurements(run):
        reading = _reading(run, m)
        if reading is None:
            continue
        order = _order(reading)
        if order >= newest[reading.kind] and (reading.kind == "pod" or order > newest["fix"]):
            newest[reading.kind] = order
            found.append(reading)
    taps = [item.t for item in run.inputs if isinstance(item, Command) and item.verb == "lap"]
    for t, (line, error) in zip(taps, sorted(run.nuisances.taps), strict=True):
        found.append(Heard(t, "tap", error, line_m=line))
    return sorted(found, key=lambda reading: reading.t)


def _order(reading: Heard) -> float:
    m = reading.measurement
    return float(reading.index) if not isinstance(m, Stride) else m.distance_m or 0.0


def _reading(run: SimRun, m: Measurement) -> Heard | None:
    match m:
        case Fix(sensor_t=float() | int() as sensor_t, lat_deg=float()):
            k = int(np.argmin(np.abs(run.nuisances.fix_t - (sensor_t - START_UNIX_S))))
            lag = m.t - float(run.nuisances.fix_t[k]) + run.nuisances.gps.lag_s
            return Heard(m.t, "fix", lag, k, m) if lag <= LATEST_S else None
        case Stride():
            return Heard(m.t, "pod", POD_LAG_S, -1, m)
    return None


def _measurements(run: SimRun) -> Iterator[Measurement]:
    stream = Stream()
    for item in run.inputs:
        if not isinstance(item, Notification):
            continue
        try:
            if item.char == gatt.NORDIC_UART_TX:
                found = stream.feed(item.data, item.t)
                yield from (m for m in found if not isinstance(m, BadFrame))
            else:
                yield from gatt.decode(item.char, item.t, item.data)
        except DecodeError:
            continue
