"""Notices that the speed has changed much: two readings of speed in a row, of any sensor, are off alike.

A change by a twentieth the filter follows by itself; who sets off or walks would take it many seconds.
"""

from __future__ import annotations

import math

from pacer.estimator import kalman, model
from pacer.estimator.body import Body, Off
from pacer.estimator.kalman import Reading
from pacer.estimator.weigh import UNHEARD
from pacer.evolve import replace

# Two independent readings off by this the same way happen by chance once in 600; the room that they are given
# then costs a moment's calm. One that is off far more than the other is an outlier beside some noise. Where
# Doppler is rough, beside a stand, nothing is concluded from it.
SURGE_SIGMA, SURGE_ALIKE, SURGE_ROUGH = 1.9, 3.0, 4.0
# What both say, and half as much again for the noise of the lesser one.
SURGE_MOST = 1.5
# ... and two far off alike are believed, unless it is by 2.5 m/s or so: nobody changes so much in a second.
SURGE_GATE = 10.0
# A change that two readings show began about this long ago: their distance, and the lag of a receiver.
AGO_S = 1.1  # s


def surge(body: Body, channel: str, reading: Reading) -> tuple[Body, Reading]:
    """Gives the speed room where this reading and the one before are off the same way, as far as both are.

    What only one of them says goes no farther than `SURGE_MOST` times what both say: it may be an outlier.
    """
    sigmas, known = kalman.sigmas(body.belief, reading), body.channels.get(channel, UNHEARD)
    before, body = body.off, replace(body, off=Off(sigmas, reading.y, known.rough))
    if not math.isfinite(sigmas) or sigmas * before.sigmas <= 0 or before.rough >= SURGE_ROUGH:
        return body, reading
    if min(abs(sigmas), abs(before.sigmas)) <= SURGE_SIGMA or abs(sigmas) >= SURGE_GATE:
        return body, reading
    room, most = sorted((abs(reading.y), abs(before.mps)))
    if most > SURGE_ALIKE * room:
        return body, reading
    calm = {**body.channels, channel: replace(known, rough=min(known.rough, before.rough))}
    belief = kalman.widen_along(body.belief, model.changed(body.belief, AGO_S), room)
    y = math.copysign(min(abs(reading.y), SURGE_MOST * room), reading.y)
    return replace(body, belief=belief, channels=calm), replace(reading, y=y)
