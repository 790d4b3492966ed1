"""Makes an `Activity` of the rows a file gave: ranges checked, time put in order, everything mended noted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from pacer.activity import Activity, Format, Lap, Record
from pacer.errors import InputError

Row = dict[str, float]  # "time" (s, Unix time or since some start) and fields of Record

FIRST_UTC_S = 631065600.0 + 0x10000000  # s: FIT clocks below this count from the watch's start (FIT SDK)
MAX_RECORDS = 200_000  # more than MAX_SPAN_S at 1 Hz
MAX_SPAN_S = 48 * 3600.0  # s; a replay ticks through all of it
MAX_GAP_S = 12 * 3600.0  # s; a longer pause is a clock that was set, or a damaged byte
MAX_BACK_S = 60.0  # s; a step back by less repeats what was told, by more is a clock that was set

# What can be at all; what is plausible for a runner is for the session to judge. (lowest, highest)
_RANGES = {
    "lat_deg": (-90.0, 90.0),
    "lon_deg": (-180.0, 180.0),
    "altitude_m": (-1000.0, 20000.0),  # m
    "distance_m": (0.0, 1e7),  # m
    "speed_mps": (0.0, 100.0),  # m/s
    "course_deg": (0.0, 360.0),
    "h_acc_m": (0.0, 1e4),  # m; 0 is no accuracy but a missing one, see _ZERO_IS_NONE
    "heart_rate_bpm": (1.0, 255.0),
    "cadence_spm": (0.0, 255.0),
    "pod_distance_m": (0.0, 1e7),  # m
    "pod_speed_mps": (0.0, 100.0),  # m/s
}
_ZERO_IS_NONE = ("heart_rate_bpm", "h_acc_m")  # a pod's own recording says 0 bpm: it has no strap
_MOVES = ("lat_deg", "distance_m", "speed_mps", "pod_distance_m", "pod_speed_mps")


@dataclass(slots=True)
class Raw:
    """Gathers what a reader finds beside the records."""

    sport: str | None = None
    laps: list[tuple[float, float, float | None]] = field(default_factory=list)  # start, elapsed s, m
    notes: list[str] = field(default_factory=list)
    timer: list[tuple[float, bool]] = field(default_factory=list)  # s, and whether it went on from then
    pod_worn: bool = False  # a footpod spoke, be it of other things than speed and distance


def tidy(source: Format, rows: Iterable[Row], raw: Raw, where: str) -> Activity:
    """Returns the activity that `rows` tell.

    Raises:
        InputError: nothing in them can be replayed.
    """
    counts: Counter[str] = Counter()
    timed = list(_in_order(_merged(_sound(rows, counts), counts), counts))
    notes = [*raw.notes, *(f"{n} {what}" for what, n in counts.items()), *_pauses(raw.timer)]
    if not any(key in row for _, row in timed for key in _MOVES):
        why = "; ".join(notes) or "it has no records"
        raise InputError(
            f"{where}: nothing to replay: no record has a time and a position, speed or distance ({why})"
        )
    first, start = timed[0][1]["time"], timed[0][0]
    records = tuple(_record(t - start, row) for t, row in timed)
    utc = first if first >= FIRST_UTC_S else None
    laps = _laps(raw, first, records[-1].t_s)
    return Activity(source, raw.sport, utc, records, laps, tuple(notes), raw.pod_worn)


def _sound(rows: Iterable[Row], counts: Counter[str]) -> Iterator[Row]:
    """Leaves out values that cannot be, and records without a time or without any value."""
    for n, row in enumerate(rows):
        if n >= MAX_RECORDS:
            counts[f"records are read, the rest is left out (allowed: {MAX_RECORDS})"] = MAX_RECORDS
            return
        good = {key: value for key, value in row.items() if _possible(key, value, counts)}
        if ("lat_deg" in good) != ("lon_deg" in good) or good.get("lat_deg") == good.get("lon_deg") == 0:
            good.pop("lat_deg", None)  # 0, 0 is in the sea off Ghana: a receiver that knows nothing
            good.pop("lon_deg", None)
        if "time" not in good:
            counts["records without a time left out"] += 1
        elif len(good) > 1:
            yield good


def _possible(key: str, value: float, counts: Counter[str]) -> bool:
    if key in _ZERO_IS_NONE and value == 0:
        return False
    low, high = _RANGES.get(key, (-1e12, 1e12))
    if math.isfinite(value) and low <= value <= high:
        return True
    counts[f"impossible values of {key} left out"] += 1
    return False


def _merged(rows: Iterable[Row], counts: Counter[str]) -> Iterator[Row]:
    """Makes one of neighbours that share an instant: the first is kept, filled up from the others."""
    held: Row | None = None
    for row in rows:
        if held is not None and row["time"] == held["time"]:
            counts["records shared an instant with the one before"] += 1
            held = row | held
            continue
        if held is not None:
            yield held
        held = row
    if held is not None:
        yield held


def _in_order(rows: Iterable[Row], counts: Counter[str]) -> Iterator[tuple[float, Row]]:
    """Yields (time that only rises, row)."""
    offset, last, first = 0.0, -math.inf, math.nan
    for row in rows:
        t = row["time"] + offset
        step = t - last
        if -MAX_BACK_S <= step <= 0:
            counts["records running backwards in time left out"] += 1
            continue
        if math.isfinite(last) and not 0 < step <= MAX_GAP_S:
            counts["jumps of the clock taken out: time goes on 1 s later"] += 1
            offset += last + 1.0 - t
            t = last + 1.0
        first = t if math.isnan(first) else first
        if t - first > MAX_SPAN_S:
            counts[f"hours are read, the rest is left out (allowed: {MAX_SPAN_S / 3600:.0f})"] = 48
            return
        last = t
        yield t, row


def _record(t_s: float, row: Row) -> Record:
    values = {key: value for key, value in row.items() if key in _RANGES and key != "heart_rate_bpm"}
    bpm = row.get("heart_rate_bpm")
    # to the microsecond: Unix times carry no more, and differences of them look ragged otherwise
    return Record(round(t_s, 6), **values, heart_rate_bpm=None if bpm is None else round(bpm))


def _pauses(timer: list[tuple[float, bool]]) -> Iterator[str]:
    """Tells for how long the device's own timer stood: its distance leaves out what was moved meanwhile."""
    changes = [(t, on) for (t, on), (_, before) in zip(timer[1:], timer, strict=False) if on != before]
    stood = [b - a for (a, on), (b, _) in pairwise(changes) if not on and 0 < b - a <= MAX_SPAN_S]
    if stood:
        times = "once" if len(stood) == 1 else f"{len(stood)} times"
        yield (
            f"the timer was stopped {times}, for {sum(stood):.0f} s in all: here the clock goes on,"
            " and what was moved meanwhile counts"
        )


def _laps(raw: Raw, first: float, end_s: float) -> tuple[Lap, ...]:
    laps = []
    for start, elapsed, distance in raw.laps:
        sound = all(math.isfinite(x) for x in (start, elapsed, distance or 0.0))
        # a lap may begin before the first record: the button is pressed, then the first sample comes
        if sound and -3600.0 <= start - first <= end_s and 0 <= elapsed <= MAX_SPAN_S:
            laps.append(Lap(round(start - first, 6), elapsed, distance))
    return tuple(laps)
