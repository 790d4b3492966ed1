"""One run of a batch: played through the session as `pacer replay` plays it, live and then with hindsight.

The table has a line a second: the columns of `pacer replay --json`, and beside them

    smoothed_distance_m  smoothed_distance_sd_m     m since the start, as known afterwards, and its doubt
    smoothed_speed_mps   smoothed_speed_sd_mps      m/s along the measured line

SI units, the unit in the name; what is not known is empty (in JSON null).
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

from pacer.errors import PacerError
from pacer.hindsight import Hindsight
from pacer.ledger import Ledger
from pacer.outputs import Estimate, Split
from pacer.playback import Options, Playback, load
from pacer.sinks.console import plain, state_line

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """Holds what came of one run: its line of the summary, and its table, None where it cannot be used."""

    line: Line
    table: str | None


def estimate(task: Options) -> Result:
    """Plays one run to its end; one that cannot be used is a result too."""
    try:
        return _estimate(task)
    except PacerError as error:
        file, told = str(task.file), str(error)
        return Result({"file": file, "error": told if file in told else f"{file}: {told}"}, None)


def _estimate(task: Options) -> Result:
    playback = Playback(load(task))
    states = list(playback.states())
    known = playback.known()
    rows = [{**state_line(state), **smoothed(known.at(state.t))} for state in states]
    text = io.StringIO(newline="")
    if rows:
        table = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    return Result(_line(task, playback, rows[-1] if rows else {}, known), text.getvalue())


def smoothed(known: Estimate) -> Line:
    """Builds the columns of what is known afterwards, named as those of the state line."""
    return plain(
        {
            "smoothed_distance_m": known.distance_m,
            "smoothed_distance_sd_m": known.distance_sd_m,
            "smoothed_speed_mps": known.speed_mps,
            "smoothed_speed_sd_mps": known.speed_sd_mps,
        }
    )


def _line(task: Options, playback: Playback, last: Line, known: Hindsight) -> Line:
    setup, end = playback.played.setup, playback.ledger.finished
    return plain(
        {
            "file": str(task.file),
            "target_distance_m": setup.target.distance_m,
            "target_time_s": setup.target.time_s,
            "time_s": None if end is None or end.stopped else end.elapsed_s,
            "last_distance_m": last.get("distance_m"),
            "last_smoothed_distance_m": last.get("smoothed_distance_m"),
            "splits": splits(playback.ledger, known),
            "notes": list(playback.played.notes),
        }
    )


def splits(ledger: Ledger, known: Hindsight) -> list[Line]:
    """Builds the table of splits as they were told live, and as they are known afterwards."""
    better = {split.index: split for split in known.splits}
    return [_split(split, better.get(split.index)) for split in ledger.marks("split")]


def _split(live: Split, after: Split | None) -> Line:
    return plain(
        {
            "distance_m": live.distance_m,
            "elapsed_s": live.elapsed_s,
            "split_s": live.leg_s,
            "gap_s": live.gap_s,
            "smoothed_elapsed_s": after and after.elapsed_s,
            "smoothed_split_s": after and after.leg_s,
        }
    )
