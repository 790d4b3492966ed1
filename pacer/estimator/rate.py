"""Tells the class of a receiver from how often its fixes come: what is configured may be silent, or cheap."""

from __future__ import annotations

from pacer.estimator import kalman, model
from pacer.estimator.body import Body
from pacer.estimator.process import BOARD, PHONE, Receiver
from pacer.evolve import replace
from pacer.measurement import Fix

# Good receivers make 5 fixes a second and more, phones and cheap boards 1 or 2.
QUICK_S = 0.25  # s
# So many more quick fixes than slow ones are no chance, nor so many slow ones later; some get lost.
SURE = 10


def rated(body: Body, fix: Fix) -> Body:
    """Takes in how long after the newest fix this one was made, by the sensor's own time.

    A receiver is taken for a phone's until it proves quick: a doubt too wide is no lie, one too narrow is.
    """
    if fix.lat_deg is None or fix.sensor_t is None or body.fix_t is None or fix.sensor_t <= body.fix_t:
        return body
    step = 1 if fix.sensor_t - body.fix_t <= QUICK_S else -1
    quick = min(max(body.quick + step, 0), SURE)
    if quick == body.quick:
        return body
    receiver = {0: PHONE, SURE: BOARD}.get(quick, body.model.receiver)
    body = replace(body, quick=quick)
    return body if receiver == body.model.receiver else _with(body, receiver)


def _with(body: Body, receiver: Receiver) -> Body:
    """Gives a body a receiver of another class, of whose errors and lag only the class is known."""
    body = replace(body, model=replace(body.model, receiver=receiver))
    belief = body.belief
    for state in (model.E, model.NORTH):
        belief = kalman.reset(belief, state, 0.0, body.model.bias[0])
    for state in (model.CE, model.CN):
        belief = kalman.reset(belief, state, 0.0, receiver.fast_sd_m)
    belief = kalman.reset(belief, model.D, 0.0, receiver.tag_sd_s)
    belief = kalman.reset(belief, model.O, 0.0, receiver.doppler_sd_mps)
    trail = body.trail if body.trail.tied_t is None else body.trail.broken()  # that was held in the state d
    return replace(body, belief=belief, trail=trail)
