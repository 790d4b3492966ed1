"""The place of the bar, by the reckoning of a person who stands beside the track."""

from __future__ import annotations

import pytest

from pacer.bar import bar

EVEN_MPS = 400 / 70  # a lap in 70 s


@pytest.mark.parametrize(
    ("lap_s", "place"),
    [
        (70.0, 0.0),
        (70 / 1.02, 0.4),  # 2 % too fast: the most that a cue asks to take back
        (70 / 0.98, -0.4),
        (70 / 1.05, 1.0),
        (60.0, 1.0),
        (90.0, -1.0),
    ],
)
def test_bar_stands_where_the_speed_is(lap_s: float, place: float) -> None:
    assert bar(400 / lap_s, EVEN_MPS) == pytest.approx(place)


@pytest.mark.parametrize(("speed", "asked"), [(None, 5.7), (5.7, None), (1.0, 0.0), (1.0, 0.2)])
def test_no_bar_where_a_speed_is_unknown_or_nobody_is_asked_to_move(
    speed: float | None, asked: float | None
) -> None:
    assert bar(speed, asked) is None
