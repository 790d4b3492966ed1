"""Reads Training Center XML (Garmin TrainingCenterDatabase v2, ActivityExtension v2) by lxml."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pacer.files.markup import elements, instant, local, number, row
from pacer.files.tidy import Raw, Row

_NAMES = {
    "Time": "time",
    "LatitudeDegrees": "lat_deg",
    "LongitudeDegrees": "lon_deg",
    "AltitudeMeters": "altitude_m",
    "DistanceMeters": "distance_m",
    "Value": "heart_rate_bpm",  # in HeartRateBpm, the only value of a track point
    "Speed": "speed_mps",
    "RunCadence": "cadence_spm",  # strides a minute
    "Cadence": "cadence_spm",
}


def read(data: bytes, raw: Raw, where: str) -> Iterator[Row]:
    """Yields the track points; sport and laps go into `raw`. May raise lxml's errors."""
    for event, name, element in elements(data, ("Trackpoint", "Lap"), where):
        match event, name:
            case "start", "Activity":
                raw.sport = raw.sport or element.get("Sport")
            case "end", "Trackpoint":
                yield row(element, _NAMES)
            case "end", "Lap":
                _lap(element, raw)


def _lap(element: Any, raw: Raw) -> None:
    told = {local(child): number(child.text) for child in element.iterchildren("{*}*")}
    start, elapsed = instant(element.get("StartTime")), told.get("TotalTimeSeconds")
    if start is not None and elapsed is not None:
        raw.laps.append((start, elapsed, told.get("DistanceMeters")))
