"""Reads Training Center XML (Garmin TrainingCenterDatabase v2, ActivityExtension v2) by lxml."""

from __future__ import annotations

from collections.abc import Iterator

from pacer.files.markup import elements, instant, number, row
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
    start: float | None = None  # of the lap; a lap itself is not waited for, as it holds all its track points
    for event, name, element in elements(data, ("Trackpoint", "TotalTimeSeconds", "DistanceMeters"), where):
        match event, name:
            case "start", "Activity":
                raw.sport = raw.sport or element.get("Sport")
            case "start", "Lap":
                start = instant(element.get("StartTime"))
            case "end", "Trackpoint":
                yield row(element, _NAMES)
            case "end", "TotalTimeSeconds":
                elapsed = number(element.text)
                if start is not None and elapsed is not None:
                    raw.laps.append((start, elapsed, None))
            case "end", "DistanceMeters" if raw.laps and raw.laps[-1][0] == start:  # the schema has it second
                raw.laps[-1] = (*raw.laps[-1][:2], number(element.text))
