"""Joins what several runs taught of one track: every day shifts its fixes by a metre or two of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from pacer.course.enu import Origin
from pacer.course.learn import Learnt
from pacer.errors import InputError
from pacer.setup import TrackSpec

SAME_PLACE_M = 15.0  # m between the centres: two receivers' bad days; the next track is 100 m away
SAME_WAY_DEG = 4.0  # degrees: an old watch's two laps are 2 off
SAME_LINE_M = 4.0  # m of a lap: half a lane, 0.61 m, times 2 pi
# Within a run errors wander over a minute or two, so laps average them; the day's own shift they do not.
# After this many laps the two are about equal.
DAY_LAPS = 4.0


def joined(learnt: Sequence[Learnt], names: Sequence[str]) -> TrackSpec:
    """Joins tracks that were learnt one by one; the innermost line that was run is taken for lane 1's.

    `names` are the runs' for messages. The first run tells the home straight.

    Raises:
        InputError: a run is on another track than the first.
    """
    first = learnt[0].track
    origin = Origin(*_place(first))
    shifts = [origin.to_enu(*_place(one.track)) for one in learnt]
    turns = [math.remainder(one.track.heading_deg - first.heading_deg, 180) for one in learnt]
    for name, shift, turn in zip(names, shifts, turns, strict=True):
        if math.hypot(*shift) > SAME_PLACE_M or abs(turn) > SAME_WAY_DEG:
            raise InputError(
                f"{name}: on another track than {names[0]}: {math.hypot(*shift):.0f} m away, turned by"
                f" {turn:.1f} degrees; allowed are {SAME_PLACE_M:g} m and {SAME_WAY_DEG:g}"
            )
    east, north = (_mean(metres, learnt) for metres in zip(*shifts, strict=True))
    lat, lon = origin.to_degrees(east, north)
    return replace(
        first,
        lap_length_m=_lap(learnt),
        straight_m=_mean([one.track.straight_m for one in learnt], learnt),
        lat_deg=lat,
        lon_deg=lon,
        heading_deg=(first.heading_deg + _mean(turns, learnt)) % 360,
    )


def _place(track: TrackSpec) -> tuple[float, float]:
    if track.lat_deg is None or track.lon_deg is None:
        raise InputError("a track without place cannot be joined with others")
    return track.lat_deg, track.lon_deg


def _lap(learnt: Sequence[Learnt]) -> float:
    inner = min(one.track.lap_length_m for one in learnt)
    same = [one for one in learnt if one.track.lap_length_m <= inner + SAME_LINE_M]
    return _mean([one.track.lap_length_m for one in same], same)


def _mean(values: Sequence[float], learnt: Sequence[Learnt]) -> float:
    weights = [one.quality.laps / (one.quality.laps + DAY_LAPS) for one in learnt]
    return sum(w * value for w, value in zip(weights, values, strict=True)) / sum(weights)
