"""A receiver may tell where it is and how fast in one sentence or in two, in any order."""

from __future__ import annotations

import operator
from functools import reduce

import pytest

from pacer.estimator import body as bodies
from pacer.estimator import model
from pacer.estimator.observe import observe
from pacer.gatt.stream import BadFrame, Stream

V, M_PER_DEG, KNOT_MPS = 5.0, 111_195.0, 1852 / 3600  # m/s; m of latitude, on a sphere of 6371 km


def sentence(kind: str, second: int, speed_mps: float) -> bytes:
    """Writes an NMEA sentence of one instant, on the way north at 5 m/s."""
    minutes, knots = 60 * V * second / M_PER_DEG, speed_mps / KNOT_MPS
    clock, place = f"1000{second:02d}.00", f"47{minutes:08.5f},N,00800.00000,E"
    text = {
        "RMC": f"GNRMC,{clock},A,{place},{knots:.3f},0.0,010526,,,A",
        "GGA": f"GNGGA,{clock},{place},1,12,0.9,400.0,M,47.0,M,,",
        "VTG": f"GNVTG,0.0,T,,M,{knots:.3f},N,{3.6 * speed_mps:.3f},K,A",
    }[kind]
    return f"${text}*{reduce(operator.xor, text.encode()):02X}\r\n".encode()


@pytest.mark.parametrize("order", ["RMC", "RMC GGA", "GGA RMC", "GGA RMC VTG", "RMC VTG GGA"])
def test_a_speed_is_heard_whatever_the_order_of_sentences(order: str) -> None:
    """Says 5 m/s with places that agree, then 6 m/s for some seconds: only who hears speeds goes along."""
    stream, body = Stream(), bodies.begin(0.0, None, 1.0, 0.03)
    for second in range(30):
        for i, kind in enumerate(order.split()):
            t = second + 0.1 + 0.02 * i
            for m in stream.feed(sentence(kind, second, 5.0 if second < 25 else 6.0), t):
                assert not isinstance(m, BadFrame)
                body, outcome = observe(body, m, "gps_uart", from_file=False)
                assert outcome.refused is None
    assert float(body.belief.x[model.V]) > 5.4
