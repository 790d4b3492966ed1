"""Inputs of every kind, odd ones before all: what a session must survive whatever the radio and people do."""

from __future__ import annotations

import dataclasses
from typing import get_args

from hypothesis import strategies as st

from pacer.gatt import DECODABLE, NORDIC_UART_TX
from pacer.inputs import VERBS, Command, Input, Link, LinkState, Measured, Notification, Tick
from pacer.measurement import Battery, Crank, Fix, HeartRate, Measurement, NoFix, Stride, WheelRevolution

NAMES = st.sampled_from(("footpod", "gps", "heart_rate", "wheel", "nobody"))
# Mostly small steps of a clock that goes on, sometimes anything at all.
TIMES = st.one_of(st.floats(0, 100), st.floats())
ODD = st.one_of(st.none(), st.floats(0, 10), st.floats())
NUMBER = st.one_of(st.floats(0, 60), st.floats())

measurement: st.SearchStrategy[Measurement] = st.one_of(
    st.builds(Stride, TIMES, ODD, ODD, ODD, ODD, st.sampled_from((None, True, False)), ODD),
    st.builds(
        Fix,
        TIMES,
        st.one_of(ODD, st.floats(46.999, 47.001)),
        st.one_of(ODD, st.floats(7.999, 8.001)),
        *[ODD] * 6,
    ),
    st.builds(NoFix, TIMES, st.text(max_size=5), ODD),
    st.builds(WheelRevolution, TIMES, st.integers(-5, 2**33), NUMBER),
    st.builds(Crank, TIMES, st.integers(-5, 2**17), NUMBER),
    st.builds(HeartRate, TIMES, st.one_of(st.none(), st.integers(-1, 300)), st.booleans()),
    st.builds(Battery, TIMES, st.integers(-1, 300)),
)
anything: st.SearchStrategy[Input] = st.one_of(
    st.builds(
        Notification,
        TIMES,
        NAMES,
        st.one_of(st.sampled_from((*DECODABLE, NORDIC_UART_TX)), st.text(max_size=6)),
        st.binary(max_size=40),
    ),
    st.builds(Measured, TIMES, NAMES, measurement),
    st.builds(Link, TIMES, NAMES, st.sampled_from(get_args(LinkState)), st.text(max_size=5)),
    st.builds(Tick, TIMES),
    st.builds(Command, TIMES, st.sampled_from(VERBS), ODD, ODD, st.sampled_from(("key", "mqtt", "engine"))),
)


@st.composite
def sequences(draw: st.DrawFn) -> list[Input]:
    """Draws inputs of which most come in order of time, so that the session goes far with them."""
    items = draw(st.lists(anything, min_size=1, max_size=30))
    if draw(st.booleans()):
        t = 0.0
        for i, item in enumerate(items):
            t += draw(st.floats(0, 30))
            items[i] = dataclasses.replace(item, t=t)
    return items
