"""The end of a demo or a simulation: what the session said beside what was true, as JSON and as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from pacer.hindsight import Hindsight
from pacer.ledger import Ledger
from pacer.outputs import Split
from pacer.setup import Setup
from pacer.units import NO_PACE, duration, gap

DistanceAt = Callable[[float], float]  # s on the session's clock -> m
TimeAt = Callable[[float], float | None]  # distance m -> s after the gun, None: not reached
NOTHING = Hindsight(())


def outcome(
    ledger: Ledger, time_at: TimeAt, distance_at: DistanceAt | None, known: Hindsight = NOTHING
) -> dict[str, Any]:
    """Lays splits and estimate beside the truth, where it is known: when a distance was reached, and back.

    `known` is the same run with hindsight.
    """
    end = ledger.finished
    error = ledger.error(distance_at) if distance_at else None
    sent = Counter(cue.to for cue in ledger.cues)
    return {
        "distance_m": None if end is None else round(end.distance_m, 3),
        "time_s": None if end is None else round(end.elapsed_s, 2),
        "splits": _beside_truth(ledger.marks("split"), known.splits, time_at),
        "laps": _beside_truth(ledger.marks("lap"), known.laps, time_at),
        "cues_sent": {"rider": sent["rider"], "runner": sent["runner"]},
        "error_m": None if error is None else {"max": round(error.max_m, 2), "rms": round(error.rms_m, 2)},
    }


def _beside_truth(
    splits: Sequence[Split], smoothed: Sequence[Split], time_at: TimeAt
) -> list[dict[str, float | None]]:
    rows: list[dict[str, float | None]] = []
    legs = {split.index: split.leg_s for split in smoothed}
    before: float | None = 0.0
    for split in splits:
        at = time_at(split.distance_m)
        rows.append(
            {
                "distance_m": round(split.distance_m, 3),
                "elapsed_s": rounded(split.elapsed_s),
                "split_s": rounded(split.leg_s),
                "smoothed_split_s": rounded(legs.get(split.index)),
                "truth_split_s": None if at is None or before is None else rounded(at - before),
            }
        )
        before = at
    return rows


def rounded(seconds: float | None) -> float | None:
    """Rounds to hundredths of a second, as track results are given."""
    return None if seconds is None else round(seconds, 2)


def table(found: dict[str, Any]) -> str:
    """Writes a demo's summary for a person."""
    rows = [f"{'metres':>9} {'time':>8} {'split':>7} {'smoothed':>8} {'truth':>7}"]
    for row in found["splits"]:
        times = [
            duration(row[key], 1) for key in ("elapsed_s", "split_s", "smoothed_split_s", "truth_split_s")
        ]
        rows.append(f"{row['distance_m']:9.1f} {times[0]:>8} {times[1]:>7} {times[2]:>8} {times[3]:>7}")
    cues, shown, error = found["cues_sent"], found["cues_shown"], found["error_m"]
    time, truth, target = (duration(found[key], 1) for key in ("time_s", "truth_time_s", "target_s"))
    who = f"{found['scenario']}, seed {found['seed']}: " if found["scenario"] else ""
    lines = [f"{who}{time} (truth {truth}, target {target})", *rows]
    lines.append(f"rider's cues: {cues['rider']} sent, {shown['display']} shown")
    lines.append(f"runner's cues: {cues['runner']} sent, {shown['audio']} played")
    if error is not None:
        lines.append(f"estimate against truth after 60 s: {error['rms']} m rms, {error['max']} m at worst")
    return "\n".join([*lines, f"recording: {found['recording']}"])


def replay_table(ledger: Ledger, setup: Setup, known: Hindsight = NOTHING) -> str:
    """Writes what a replay showed: the end, the splits, and how often a cue would have been given.

    Beside what was told live stands what is `known` afterwards.
    """
    rows = [f"{'metres':>9} {'time':>8} {'split':>7} {'gap':>6} {'smoothed':>9} {'split':>7}"]
    better = {split.index: split for split in known.splits}
    for split in ledger.marks("split"):
        times = duration(split.elapsed_s, 1), duration(split.leg_s, 1), gap(split.gap_s)
        after = better.get(split.index)
        smoothed = (duration(after.elapsed_s, 1), duration(after.leg_s, 1)) if after else (NO_PACE, NO_PACE)
        rows.append(
            f"{split.distance_m:9.1f} {times[0]:>8} {times[1]:>7} {times[2]:>6}"
            f" {smoothed[0]:>9} {smoothed[1]:>7}"
        )
    target = f"target {duration(setup.target.time_s)} over {setup.target.distance_m:.1f} m"
    cues = Counter(cue.word for cue in ledger.cues if cue.to == "runner")
    words = ", ".join(f"{count} {word}" for word, count in sorted(cues.items())) or "none"
    return "\n".join([_end(ledger), target, *rows, f"cues to the runner ({setup.policy.name}): {words}"])


def _end(ledger: Ledger) -> str:
    end = ledger.finished
    if end is None:
        return "did not reach the distance"
    how = "stopped" if end.stopped else "finished"
    return f"{how} after {duration(end.elapsed_s, 1)}, {end.distance_m:.1f} m"
