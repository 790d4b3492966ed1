"""Outputs made by hand: one plausible moment of a paced mile, and a whole run of such moments."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pacer.outputs import (
    Cue,
    Estimate,
    Finished,
    Notice,
    Output,
    SensorStatus,
    Split,
    Standing,
    State,
)
from pacer.units import MILE_M

T0 = 1000.0  # s, the clock at the gun; not 0, so that clock and elapsed cannot be mixed up
TARGET_S = 281.0  # s, 4:41
EVEN_MPS = MILE_M / TARGET_S  # m/s

UNKNOWN = Estimate(T0, None, None, None, None)
NO_STANDING = Standing(None, None, None, None, None, None)

SENSORS = (
    SensorStatus("footpod", "runner", "footpod", "ok", 0.4, 0.2, 0, 87, open=False),
    SensorStatus("gps", "runner", "gps", "weak", 0.9, 0.8, 3, 64, open=True),
    SensorStatus("strap", "runner", "heart_rate", "ok", 0.6, None, 0, 91, open=False),
    SensorStatus("wheel", "rider", "wheel", "gone", 12.3, None, 0, None, open=False),
)

# What stands in a line of the console, by the names that other programs rely on.
LINE_KEYS = [
    "t_s",
    "elapsed_s",
    "distance_m",
    "distance_sd_m",
    "speed_mps",
    "speed_sd_mps",
    "pace_mps",
    "gap_s",
    "gap_sd_s",
    "finish_s",
    "finish_sd_s",
    "lap",
    "cue",
]


def cue(t: float = T0 + 140.0, **changes: Any) -> Cue:
    """Builds a cue to the rider: ease by 0.8 s a lap."""
    even = Cue(t, 7, "rider", "ease", -0.065, 5.73, 1.2, 0.3)
    return replace(even, **changes)


def state(elapsed_s: float = 142.0, **changes: Any) -> State:
    """Builds the state of a run in lap 3, 1.2 s ahead; `changes` replace fields."""
    t = T0 + elapsed_s
    even = State(
        t=t,
        phase="running",
        elapsed_s=elapsed_s,
        countdown_s=None,
        runner=Estimate(t, 820.2, 3.1, 5.79, 0.08),
        pace_mps=5.77,
        standing=Standing(1.2, 0.3, 6.9, 5.678, 279.2, "current speed", 1.4),
        rider=Estimate(t, 820.0, 2.0, 5.81, 0.05),
        mode="strict",
        rider_gap_m=2.4,
        rider_asked_mps=5.75,
        lap=3,
        laps=4,
        remaining_m=789.1,
        target_time_s=TARGET_S,
        target_distance_m=MILE_M,
        heart_rate_bpm=172,
        cadence_spm=178.0,
        cue=cue(t - 1.0),
        sensors=SENSORS,
    )
    return replace(even, **changes)


def unknown_state(elapsed_s: float = 142.0, **changes: Any) -> State:
    """Builds the state of a run in which nothing is known any more."""
    nothing: dict[str, Any] = {
        "runner": UNKNOWN,
        "pace_mps": None,
        "standing": NO_STANDING,
        "rider": UNKNOWN,
        "rider_gap_m": None,
        "rider_asked_mps": None,
        "lap": None,
        "laps": None,
        "remaining_m": None,
        "heart_rate_bpm": None,
        "cadence_spm": None,
        "cue": None,
    }
    return state(elapsed_s, **(nothing | changes))


def waiting_state(**changes: Any) -> State:
    """Builds the state before the start."""
    return replace(unknown_state(0.0, phase="waiting"), elapsed_s=None, **changes)


def split(index: int, leg_s: float = 69.84, gap_s: float | None = 0.0) -> Split:
    """Builds the split at `index` times 400 m, all legs equally long."""
    elapsed = index * leg_s
    return Split(T0 + elapsed, "split", index, 400.0 * index, elapsed, 400.0, leg_s, gap_s)


def run_outputs() -> list[Output]:
    """Builds what a session might have said in the first 142 s of a mile, one state a second."""
    outputs: list[Output] = [Notice(T0, "info", "started", "run started")]
    for second in range(143):
        gap = 1.2 * second / 142
        distance = EVEN_MPS * (second + gap)
        outputs.append(
            state(
                float(second),
                runner=Estimate(T0 + second, distance, 3.1, 5.79, 0.08),
                standing=Standing(gap, 0.3, gap * EVEN_MPS, 5.678, 279.2, "current speed", 1.4),
                lap=1 + int(max(0.0, distance - 9.344) // 400),
                remaining_m=MILE_M - distance,
                cue=cue(T0 + second - 1.0) if second > 139 else None,
            )
        )
        if second in {69, 139}:
            outputs.append(split(1 if second == 69 else 2, 69.3, 0.54 if second == 69 else 1.08))
    outputs.insert(-3, Notice(T0 + 131, "warning", "sensor-gone", "wheel is gone: silent for 3 s", "wheel"))
    return outputs


def finished(elapsed_s: float = 281.4, *, stopped: bool = False) -> Finished:
    """Builds the end of a mile."""
    return Finished(T0 + elapsed_s, elapsed_s, MILE_M, stopped)
