"""Metres against independent truth: the haversine formula and published degree lengths of WGS-84."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacer.course import Origin
from pacer.errors import InputError

LATS = st.floats(-70, 70)
LONS = st.floats(-180, 180)


def haversine(lat: float, lon: float, lat2: float, lon2: float) -> float:
    """Measures the great circle on a sphere of the Earth's mean radius, m."""
    a, b = math.radians(lat), math.radians(lat2)
    h = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(lon2 - lon) / 2) ** 2
    return 2 * 6371008.8 * math.asin(math.sqrt(h))


@pytest.mark.parametrize("lat", [0.0, 35.26, -35.26])
@pytest.mark.parametrize("bearing", range(0, 360, 30))
def test_a_kilometre_agrees_with_haversine(lat: float, bearing: int) -> None:
    """A sphere differs from the ellipsoid by up to 0.6 % by latitude and direction: divided out."""
    origin = Origin(lat, 8.0)
    angle = math.radians(bearing)
    scale_n = origin.to_enu(lat + 0.001, 8.0)[1] / haversine(lat, 8.0, lat + 0.001, 8.0)
    scale_e = origin.to_enu(lat, 8.001)[0] / haversine(lat, 8.0, lat, 8.001)
    assert scale_n == pytest.approx(1, abs=6e-3)
    assert scale_e == pytest.approx(1, abs=6e-3)
    place = origin.to_degrees(1000 * scale_e * math.sin(angle), 1000 * scale_n * math.cos(angle))
    assert haversine(lat, 8.0, *place) == pytest.approx(1000, rel=1e-3)


@pytest.mark.parametrize(
    ("lat", "north_m", "east_m"),
    # Lengths of a degree of latitude and of longitude on WGS-84, NGA's published table.
    [(0, 110574.3, 111319.5), (45, 111132.0, 78846.8), (60, 111412.2, 55800.0)],
)
def test_a_thousandth_of_a_degree_is_as_long_as_published(lat: float, north_m: float, east_m: float) -> None:
    origin = Origin(lat, 0.0)
    assert origin.to_enu(lat + 0.0005, 0.0)[1] - origin.to_enu(lat - 0.0005, 0.0)[1] == pytest.approx(
        north_m / 1000, rel=1e-5
    )
    assert origin.to_enu(lat, 0.001)[0] == pytest.approx(east_m / 1000, rel=1e-5)


@given(LATS, LONS, st.floats(-20_000, 20_000), st.floats(-20_000, 20_000))
def test_there_and_back_is_the_same_place(lat: float, lon: float, east: float, north: float) -> None:
    origin = Origin(lat, lon, 800.0)
    assert origin.to_enu(*origin.to_degrees(east, north)) == pytest.approx((east, north), abs=1e-3)


def test_the_date_line_is_no_border() -> None:
    east, north = Origin(-17.0, 179.9999).to_enu(-17.0, -179.9999)
    assert east == pytest.approx(21.3, abs=0.1)
    assert north == pytest.approx(0, abs=1e-3)


def test_up_in_the_mountains_a_degree_is_longer() -> None:
    low, high = Origin(39.7, -105.0).to_enu(39.71, -105.0), Origin(39.7, -105.0, 1600.0).to_enu(39.71, -105.0)
    assert high[1] / low[1] == pytest.approx(1 + 1600 / 6.37e6, rel=1e-5)


@pytest.mark.parametrize("place", [(90.0, 0.0), (0.0, 181.0), (math.nan, 0.0)])
def test_no_place_on_earth_is_refused(place: tuple[float, float]) -> None:
    with pytest.raises(InputError, match="latitude must be"):
        Origin(*place)
