"""Reads GPX 1.0 and 1.1 tracks (topografix.com/GPX/1/1), with Garmin's TrackPointExtension and its like.

By lxml and not by gpxpy: gpxpy hands extensions over as XML anyway, builds the whole tree, accepts
latitude 9999 and NaN, and lets UnicodeDecodeError and lxml's ValueError through.
"""

from __future__ import annotations

from collections.abc import Iterator

from pacer.files.markup import elements, number, row
from pacer.files.tidy import Raw, Row

_NAMES = {
    "time": "time",
    "ele": "altitude_m",
    "speed": "speed_mps",  # m/s, in GPX 1.0 and in the extensions
    "course": "course_deg",
    "hAcc": "h_acc_m",
    "hr": "heart_rate_bpm",
    "heartrate": "heart_rate_bpm",
    "cad": "cadence_spm",
    "cadence": "cadence_spm",
}


def read(data: bytes, raw: Raw, where: str) -> Iterator[Row]:
    """Yields the track points; the sport goes into `raw`. May raise lxml's errors."""
    for event, name, element in elements(data, ("trkpt", "type", "rtept", "wpt"), where):
        if event == "end" and name == "trkpt":
            found = row(element, _NAMES)
            for key, attribute in (("lat_deg", "lat"), ("lon_deg", "lon")):
                value = number(element.get(attribute))
                if value is not None:
                    found[key] = value
            yield found
        elif event == "end" and name == "type" and raw.sport is None and element.text:
            raw.sport = element.text.strip()[:40]
