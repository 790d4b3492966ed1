"""A recorded run as a source: ticks where a file has none, and every input at its time."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacer.clock import LoopClock, run_virtual
from pacer.inputs import Input, Measured, Tick
from pacer.measurement import HeartRate
from pacer.sources.replay import ReplaySource, with_ticks


def beat(t: float) -> Measured:
    return Measured(t, "strap", HeartRate(t, 150, contact=None))


TIMES = st.lists(st.floats(0, 20, allow_nan=False), min_size=1, max_size=20).map(sorted)


@given(TIMES, st.floats(-1e4, 1e9))
def test_ticks_come_ten_a_second_between_the_inputs_and_in_order(times: list[float], start: float) -> None:
    inputs = [beat(start + t) for t in times]

    played = list(with_ticks(inputs))

    assert [item for item in played if isinstance(item, Measured)] == inputs
    assert all(before.t <= after.t for before, after in pairwise(played))
    ticks = [item.t for item in played if isinstance(item, Tick)]
    assert all(after - before <= 0.1 + 1e-6 for before, after in pairwise(ticks))
    assert ticks[-1] == inputs[-1].t
    assert len(ticks) == pytest.approx((inputs[-1].t - inputs[0].t) * 10 + 1, abs=1.01)


def test_no_inputs_no_ticks() -> None:
    assert list(with_ticks([])) == []


@pytest.mark.parametrize("rate", [1.0, 20.0])
def test_each_input_comes_at_its_time(rate: float) -> None:
    inputs: list[Input] = [beat(500.0), Tick(500.5), beat(501.0), beat(507.25)]
    came: list[tuple[float, Input]] = []

    async def main() -> None:
        await asyncio.sleep(3.0)
        await ReplaySource(inputs, rate).run(lambda item: came.append((LoopClock().now(), item)))

    run_virtual(main())

    assert [item for _, item in came] == inputs
    assert [t for t, _ in came] == pytest.approx([3.0 + (i.t - 500.0) / rate for i in inputs], abs=1e-5)
