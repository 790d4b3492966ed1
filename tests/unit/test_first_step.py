"""The first step is dated the same, however a receiver puts what it knows into sentences."""

from __future__ import annotations

import math

import pytest

from pacer.first_step import first_step
from pacer.measurement import Fix
from pacer.rewind import Heard

START_T, LAG_S, CRUISE_MPS, TAU_S = 10.0, 0.5, 5.0, 1.3


def told(*, whole: bool) -> list[Heard]:
    """Lists what is heard once a second of who stands for 10 s and then starts as people do."""
    heard = []
    for second in range(20):
        since = max(second - LAG_S - START_T, 0.0)
        speed = CRUISE_MPS * (1 - math.exp(-since / TAU_S))
        place = Fix(float(second), 47.0, 8.0, speed if whole else None, sensor_t=float(second))
        parts = [place] if whole else [place, Fix(second + 0.02, None, None, speed, sensor_t=float(second))]
        heard += [Heard(None, m, "gps_uart", from_file=False) for m in parts]
    return heard


@pytest.mark.parametrize("whole", [True, False])
def test_a_start_is_found_in_speeds_that_come_apart_from_places(*, whole: bool) -> None:
    heard, found = told(whole=whole), None
    for n in range(1, len(heard) + 1):
        believed = 0.0 if heard[n - 1].m.t < START_T + 2 else CRUISE_MPS
        found = first_step(heard[:n], LAG_S, believed, CRUISE_MPS)
        if found is not None:
            break
    assert found == pytest.approx(START_T, abs=0.2)
