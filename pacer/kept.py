"""Says of what a lesson speaks: of a sensor by its address, in a shoe; of a track by its place and shape."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pacer.outputs import Lesson, Quantity
from pacer.setup import Kind, Role, SensorSpec, Setup, TrackSpec

MOST = 30  # lessons of one quantity are kept: older ones weigh nothing beside them


@dataclass(frozen=True, slots=True)
class Kept:
    """Holds a lesson as it is kept: of which run, and of what it speaks."""

    utc_s: float  # Unix time when the run was recorded
    of: str  # the sensor's address, or the name it advertises; of a map, the course
    quantity: Quantity
    value: float
    sd: float
    at_mps: float | None = None  # m/s
    shoe: str | None = None


def key(one: Kept) -> tuple[str, str, str, float]:
    """Returns what tells lessons apart: of what, and of which run."""
    return one.of, one.shoe or "", one.quantity, one.utc_s


def newest(lessons: Iterable[Kept]) -> Iterator[Kept]:
    """Yields the newest lessons of every quantity."""
    count: dict[tuple[str, str, str], int] = {}
    for one in sorted(lessons, key=key, reverse=True):
        of = key(one)[:3]
        count[of] = count.get(of, 0) + 1
        if count[of] <= MOST:
            yield one


def kept_of(setup: Setup, utc_s: float, lesson: Lesson) -> Kept | None:
    """Returns a lesson with what it is of; None where that has no name."""
    spec = next((spec for spec in setup.sensors if spec.name == lesson.sensor), None)
    of = _of(setup, spec, lesson.quantity)
    if spec is None or of is None:
        return None
    return Kept(
        utc_s, of, lesson.quantity, lesson.value, lesson.sd, lesson.at_mps, _shoe(spec, lesson.quantity)
    )


def sole(setup: Setup, quantity: Quantity) -> SensorSpec | None:
    """Returns the one sensor that teaches a quantity; None where none does, or more than one to choose from.

    Two pods, or two receivers, are one count to the estimate: nobody could say whose character it shows.
    """
    role, kinds = _TOLD_BY[quantity]
    found = [spec for spec in setup.sensors if spec.role == role and spec.kind in kinds]
    return found[0] if len(found) == 1 else None


def speaks_of(one: Kept, setup: Setup, quantity: Quantity) -> bool:
    """Tells whether a lesson is of the one sensor, or the track, of this setup that has the quantity."""
    spec = sole(setup, quantity)
    if spec is None or one.quantity != quantity:
        return False
    return (_of(setup, spec, quantity), _shoe(spec, quantity)) == (one.of, one.shoe)


_POD: tuple[Role, tuple[Kind, ...]] = ("runner", ("footpod",))
_RECEIVER: tuple[Role, tuple[Kind, ...]] = ("runner", ("gps", "gps_uart"))
_TOLD_BY: dict[Quantity, tuple[Role, tuple[Kind, ...]]] = {
    "footpod_scale": _POD,
    "footpod_slope": _POD,
    "wheel_circumference_m": ("rider", ("wheel",)),
    "fix_late_s": _RECEIVER,
    "map_east_m": _RECEIVER,
    "map_north_m": _RECEIVER,
}


def _of(setup: Setup, spec: SensorSpec | None, quantity: Quantity) -> str | None:
    """Names what a quantity is of: a sensor as it is known again, or a track by its place and shape."""
    if quantity in ("map_east_m", "map_north_m"):
        track = setup.course
        if not isinstance(track, TrackSpec) or track.lat_deg is None or track.lon_deg is None:
            return None
        return (
            f"track {track.lat_deg:.7f} {track.lon_deg:.7f} heading {track.heading_deg:g}"
            f" lap {track.lap_length_m:g} straight {track.straight_m:g}"
        )
    if spec is None:
        return None
    return spec.advertised if spec.pin == "name" else spec.address


def _shoe(spec: SensorSpec, quantity: Quantity) -> str | None:
    return spec.shoe if quantity in ("footpod_scale", "footpod_slope") else None
