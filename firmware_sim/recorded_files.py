"""Reads recorded runs (FIT, GPX, TCX) into plain samples, as far as the simulator needs them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SEMICIRCLE_DEG = 180 / 2**31  # FIT profile: positions are in semicircles
_END_S = 253e9  # s: a year of more than four digits is none that a receiver can send
_TCX = "{http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2}"


class RecordedError(ValueError):
    """Reports a file that cannot be played: which, and why."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Holds one moment of a recorded run; None is what the file does not say."""

    unix_s: float  # s, UTC
    lat_deg: float | None = None
    lon_deg: float | None = None
    altitude_m: float | None = None
    speed_mps: float | None = None
    distance_m: float | None = None
    heart_bpm: int | None = None
    cadence_spm: float | None = None  # strides per minute
    pod_speed_mps: float | None = None  # a footpod's own channels, where the file has them
    pod_distance_m: float | None = None


def read(path: Path) -> list[Sample]:
    """Returns the samples of a FIT, GPX or TCX file in order of time; RecordedError if there are none."""
    readers = {".fit": _fit, ".gpx": _gpx, ".tcx": _tcx}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise RecordedError(f"{path}: kind {path.suffix!r} is unknown; allowed: {', '.join(readers)}, .pacer")
    try:
        samples = [sample for sample in reader(path) if 0 <= sample.unix_s < _END_S]
    except Exception as error:
        raise RecordedError(f"{path}: cannot be read: {type(error).__name__}: {error}") from error
    if not samples:
        raise RecordedError(f"{path}: holds no sample with a time")
    return sorted(samples, key=lambda sample: sample.unix_s)


def _fit(path: Path) -> Iterator[Sample]:
    import fitdecode  # noqa: PLC0415, an extra: only who plays a file needs it

    # a wrong checksum does not matter to a simulation: what can be read is played
    with fitdecode.FitReader(path, check_crc=fitdecode.CrcCheck.DISABLED) as frames:
        for frame in frames:
            if isinstance(frame, fitdecode.FitDataMessage) and frame.name == "record":
                values = {field.name: field.value for field in frame.fields}
                if isinstance(values.get("timestamp"), datetime):
                    yield _fit_sample(values)


def _fit_sample(values: dict[str, Any]) -> Sample:
    lat, lon = values.get("position_lat"), values.get("position_long")
    return Sample(
        unix_s=_unix(values["timestamp"]),
        lat_deg=None if lat is None or lon is None else lat * _SEMICIRCLE_DEG,
        lon_deg=None if lat is None or lon is None else lon * _SEMICIRCLE_DEG,
        altitude_m=_first(values, "enhanced_altitude", "altitude"),
        speed_mps=_first(values, "enhanced_speed", "speed"),
        distance_m=values.get("distance"),
        heart_bpm=values.get("heart_rate") or None,  # 0 is written where there was no strap
        cadence_spm=values.get("cadence"),
        pod_speed_mps=values.get("Speed"),  # developer fields of a pod's own recording are capitalised
        pod_distance_m=values.get("Distance"),
    )


def _first(values: dict[str, Any], *names: str) -> Any:
    return next((values[name] for name in names if values.get(name) is not None), None)


def _gpx(path: Path) -> Iterator[Sample]:
    import gpxpy  # noqa: PLC0415, an extra, as above

    with path.open(encoding="utf-8") as file:
        track = gpxpy.parse(file)
    for point in track.walk(only_points=True):
        if point.time is None:
            continue
        extra = {e.tag.rpartition("}")[2]: e.text for top in point.extensions for e in top.iter()}
        yield Sample(
            unix_s=_unix(point.time),
            lat_deg=point.latitude,
            lon_deg=point.longitude,
            altitude_m=point.elevation,
            speed_mps=_number(extra.get("speed")),
            heart_bpm=_whole(extra.get("hr")),
            cadence_spm=_number(extra.get("cad")),
        )


def _tcx(path: Path) -> Iterator[Sample]:
    from lxml import etree  # noqa: PLC0415, an extra, as above

    # some exports begin with blanks, which XML does not allow; entities are not followed
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    root = etree.fromstring(path.read_bytes().lstrip(), parser)
    for point in root.iter(f"{_TCX}Trackpoint"):
        texts = {element.tag.rpartition("}")[2]: element.text for element in point.iter("*")}
        pulse = point.findtext(f"{_TCX}HeartRateBpm/{_TCX}Value")
        if texts.get("Time"):
            yield Sample(
                unix_s=_unix(datetime.fromisoformat(texts["Time"])),
                lat_deg=_number(texts.get("LatitudeDegrees")),
                lon_deg=_number(texts.get("LongitudeDegrees")),
                altitude_m=_number(texts.get("AltitudeMeters")),
                speed_mps=_number(texts.get("Speed")),
                distance_m=_number(texts.get("DistanceMeters")),
                heart_bpm=_whole(pulse),
                cadence_spm=_number(texts.get("RunCadence")),
            )


def _unix(time: datetime) -> float:
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def _number(text: str | None) -> float | None:
    return None if text is None or not text.strip() else float(text)


def _whole(text: str | None) -> int | None:
    value = _number(text)
    return None if value is None else round(value)
