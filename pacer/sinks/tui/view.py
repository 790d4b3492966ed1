"""What the screen says: pure functions from a state to words, shapes and the name of a colour.

A colour never stands alone: every one comes with a shape and a word. Unknown is "--".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pacer.outputs import Cue, Estimate, Finished, Notice, SensorStatus, Split, State
from pacer.setup import PolicySpec
from pacer.units import MILE_M, NO_PACE, UNIT_M, PaceUnit, duration, gap, in_unit, lap_seconds, leg, projected

# Within this the screen says "on pace", unless told the run's own: what its cue policy lets go. The screen
# calls nothing wrong that no cue answers.
ON_PACE_S = PolicySpec().dead_band_s  # s
PLACE_M = 1.0  # m a rider may be off his place unmentioned: half a bicycle's length
WIDE_S = 100.0  # s of gap from which tenths are left out: they would not fit and mean nothing
UNKNOWN = "--"

SENSOR_SHAPES = {
    "ok": "●",
    "weak": "◐",
    "refused": "✕",
    "no fix": "○",
    "frozen": "✕",
    "asleep": "◌",
    "gone": "✕",
}
NOTICE_SHAPES = {"info": "·", "warning": "!", "error": "✕"}


@dataclass(frozen=True, slots=True)
class Hero:
    """Holds one of the two big panels."""

    colour: str  # CSS class: on, fast, slow, plain, unknown
    head: str  # shape and word
    big: str  # in big letters
    foot: str  # size and doubt


def gap_hero(state: State | None, finished: Finished | None = None, on_pace_s: float = ON_PACE_S) -> Hero:
    """Chooses what is big: the gap, the countdown before it, the time after it."""
    if finished is not None:
        return _finish(finished, state.target_time_s if state else None, on_pace_s)
    match state:
        case None:
            return Hero("unknown", "? NO DATA YET", UNKNOWN, "")
        case State(phase="countdown", countdown_s=float() as seconds):
            return Hero("plain", "○ START IN", f"{max(0.0, -(-seconds // 1)):.0f}", "seconds")
        case State(phase="waiting"):
            return Hero("plain", "○ WAITING", UNKNOWN, "Space: start in 10 s   A: arm")
        case State(phase="armed"):
            return Hero("plain", "○ ARMED", UNKNOWN, "starts with the first step")
        case _:
            return _gap(state, on_pace_s)


def _gap(state: State, on_pace_s: float) -> Hero:
    standing = state.standing
    if standing.gap_s is None:
        return Hero("unknown", "? GAP UNKNOWN", UNKNOWN, "no estimate to trust")
    colour, head = _judge(standing.gap_s, on_pace_s)
    number = gap(standing.gap_s, 0 if abs(standing.gap_s) >= WIDE_S else 1)
    foot = f"seconds ± {_tenths(standing.gap_sd_s)}   {_signed(standing.gap_m)} m"
    return Hero(colour, head, number, foot)


def _judge(gap_s: float, on_pace_s: float) -> tuple[str, str]:
    if abs(gap_s) <= on_pace_s:
        return "on", "● ON PACE"
    return ("fast", "▲ AHEAD, too fast") if gap_s > 0 else ("slow", "▼ BEHIND, too slow")


def _finish(finished: Finished, target_s: float | None, on_pace_s: float) -> Hero:
    if finished.stopped:
        foot = f"after {finished.distance_m:.0f} m"
        return Hero("plain", "■ STOPPED", _clock(finished.elapsed_s), foot)
    if target_s is None:
        return Hero("plain", "■ FINISHED", _clock(finished.elapsed_s), "")
    gap_s = target_s - finished.elapsed_s
    word = "on target" if abs(gap_s) < 0.05 else f"{abs(gap_s):.1f} s {'under' if gap_s > 0 else 'over'}"
    colour, _ = _judge(gap_s, on_pace_s)
    return Hero(colour, "■ FINISHED", _clock(finished.elapsed_s), f"{word} {duration(target_s)}")


def cue_hero(state: State | None, unit: PaceUnit) -> Hero:
    """Says the cue in force, whom it is for, its size and the pace to hold."""
    cue = state.cue if state else None
    if state and state.phase in {"finished", "stopped"}:
        return Hero("none", "the run is over", "", "Q closes the screen")
    if cue is None:
        return Hero("none", "no cue in force", "", "")
    hold = f"hold {in_unit(cue.speed_mps, unit)}"
    match cue.word:
        case "hold":
            return Hero("on", f"● CUE to {cue.to}", "HOLD", hold)
        case "ease":
            return Hero("fast", f"▼ CUE to {cue.to}: slow down", "EASE", f"{_size(cue, unit)}   {hold}")
        case "press":
            return Hero("slow", f"▲ CUE to {cue.to}: speed up", "PRESS", f"{_size(cue, unit)}   {hold}")


def _size(cue: Cue, unit: PaceUnit) -> str:
    before = cue.speed_mps - cue.change_mps
    if before <= 0 or cue.speed_mps <= 0:
        return UNKNOWN
    change = lap_seconds(cue.change_mps, before, UNIT_M[unit])
    return f"{change:+.1f} s{unit.removeprefix('min').removeprefix('s')}"


def title(state: State | None) -> str:
    """Names the phase and the target."""
    if state is None:
        return "pacer"
    distance = "1 mile" if abs(state.target_distance_m - MILE_M) < 0.5 else f"{state.target_distance_m:.0f} m"
    return f"{state.phase.upper()}   target {distance} in {duration(state.target_time_s)}"


def elapsed(state: State | None, finished: Finished | None) -> str:
    """Says the running time, in tenths below an hour."""
    return _clock(finished.elapsed_s if finished else state.elapsed_s if state else None)


def _clock(seconds: float | None) -> str:
    return duration(seconds, 1 if seconds is not None and seconds < 3600 else 0)


def finish(state: State | None) -> tuple[str, str]:
    """Says what the projected finish rests on, and when it is, with the range that holds 95 % of finishes."""
    if state is None or state.standing.finish_s is None:
        return "finish", NO_PACE
    standing = state.standing
    return f"finish at {standing.finish_basis}", projected(standing.finish_s, standing.finish_sd_s)


def where(state: State | None, unit: PaceUnit) -> str:
    """Says lap, distance with its doubt, what is left, and the pace that would be even from here."""
    if state is None:
        return UNKNOWN
    lap = UNKNOWN if state.lap is None else str(state.lap)
    done = f"{_metres(state.runner.distance_m)} ± {_metres(state.runner.distance_sd_m)} m"
    if (
        state.phase in {"finished", "stopped"} and state.remaining_m is not None
    ):  # he may go on, the run does not
        done = f"{_metres(state.target_distance_m - state.remaining_m)} m"
    needs = in_unit(state.standing.needed_mps, unit)
    return f"lap {lap}   {done}   {_metres(state.remaining_m)} m to go   needs {needs}"


def bodies(state: State | None, unit: PaceUnit) -> str:
    """Says the rider's speed and place, where the run has a rider, and the runner's heart and cadence."""
    if state is None:
        return UNKNOWN
    heart = UNKNOWN if state.heart_rate_bpm is None else str(state.heart_rate_bpm)
    cadence = UNKNOWN if state.cadence_spm is None else f"{state.cadence_spm:.0f}"
    place_m = (
        state.rider_gap_m if state.phase == "running" else None
    )  # nobody has a place to be after the run
    if state.rider is None:
        return f"heart {heart} bpm   cadence {cadence}/min"
    rider = _rider(state.rider, place_m, state.rider_asked_mps, unit)
    waits = " (elastic)" if state.mode == "elastic" else ""
    return f"{rider}{waits}   {heart} bpm   {cadence}/min"


def _rider(rider: Estimate, gap_m: float | None, asked_mps: float | None, unit: PaceUnit) -> str:
    if gap_m is None:
        place = f"place {UNKNOWN}"
    elif abs(gap_m) <= PLACE_M:
        place = "in place"
    else:
        place = f"{abs(gap_m):.1f} m {'ahead of' if gap_m > 0 else 'behind'} place"
    asked = in_unit(asked_mps, unit)
    return f"rider {in_unit(rider.speed_mps, unit).split()[0]} of {asked}, {place}"


def split_rows(splits: Iterable[Split], height: int) -> str:
    """Lays out the newest splits and taps as a table of `height` lines at most: mark, time, leg, gap."""
    # a lap line is passed within 10 m of a 400 m split: shown twice, it would only confuse
    rows = sorted((s for s in splits if s.kind != "lap"), key=lambda s: s.elapsed_s)[1 - height :]
    lines = [f"{'mark':<8}{'time':>8}{'leg':>8}{'gap':>7}"]
    lines += [f"{_mark(s):<8}{_clock(s.elapsed_s):>8}{leg(s.leg_s):>8}{gap(s.gap_s):>7}" for s in rows]
    return "\n".join(lines)


def _mark(split: Split) -> str:
    if split.final:
        return "finish"
    return f"tap {split.index}" if split.kind == "tap" else f"{split.distance_m:.0f} m"


def sensor_row(sensor: SensorStatus) -> str:
    """Lays out one sensor: shape, name, state in a word, age, battery, open."""
    age = UNKNOWN if sensor.age_s is None else f"{sensor.age_s:.1f} s"
    battery = UNKNOWN if sensor.battery_percent is None else f"{sensor.battery_percent} %"
    shape = SENSOR_SHAPES.get(sensor.state, "…")
    note = "open" if sensor.open else ""
    row = f"{shape} {sensor.name[:10]:<10} {sensor.state:<9} {age:>6} {battery:>5} {note:<4} {sensor.detail}"
    return row.rstrip()


def notice_line(notice: Notice, start_t: float | None) -> str:
    """Lays out a notice: when it was, how grave, what."""
    when = duration(notice.t - start_t) if start_t is not None else ""
    return f"{when:>6} {NOTICE_SHAPES[notice.level]} {notice.text}"


def _metres(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.0f}"


def _signed(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:+.1f}"


def _tenths(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.1f}"
