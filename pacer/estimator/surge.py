"""Notices that the speed has changed: two readings of speed in a row, of whichever sensor, are off alike."""

from __future__ import annotations

import math

from pacer.estimator import kalman, model
from pacer.estimator.body import Body, Channel
from pacer.estimator.kalman import Reading
from pacer.evolve import replace

# Two readings off by this the same way happen by chance once in 20; the room that they are given then costs
# a moment's calm. One that is off far more than the other is an outlier beside some noise. Where Doppler is
# rough, beside a stand, nothing is concluded from it.
SURGE_SIGMA, SURGE_ALIKE, SURGE_ROUGH = 1.0, 3.0, 4.0


def surge(body: Body, reading: Reading) -> Body:
    """Gives the speed room where this reading and the one before are off the same way, as far as both are."""
    sigmas = kalman.sigmas(body.belief, reading)
    before, body = body.off, replace(body, off=(sigmas, reading.y))
    rough = body.channels.get("speed", Channel()).rough
    if not math.isfinite(sigmas) or sigmas * before[0] <= 0 or rough >= SURGE_ROUGH:
        return body
    if min(abs(sigmas), abs(before[0])) <= SURGE_SIGMA or abs(sigmas) >= kalman.GATE_SIGMA:
        return body
    room, most = sorted((abs(reading.y), abs(before[1])))
    if most > SURGE_ALIKE * room:
        return body
    return replace(body, belief=kalman.widen(body.belief, model.V, room))
