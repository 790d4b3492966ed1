"""Weighs a reading in: gate, roughness, and the way back for a sensor that insists."""

from __future__ import annotations

import math

from pacer.estimator import kalman
from pacer.estimator.body import STALE_S, START_S, Body, Channel, Outcome
from pacer.estimator.kalman import Pair, Reading, Verdict
from pacer.estimator.model import Belief
from pacer.evolve import replace

# Refused for this long, a runner is where the sensor says after all: multipath beside a stand lasts 20 s. But
# errors of Doppler do not last seconds: a third reading in a row is believed, somebody really did start.
RECOVER_S, RECOVER_SPEED_S = 30.0, 1.5  # s
# A pod that counts no steps is believed at the second packet, unless a receiver's speed says otherwise.
RECOVER_STANDING_S = 0.9  # s


def use(body: Body, channel: str, reading: Reading | Pair, recover: tuple[int, ...]) -> tuple[Body, Outcome]:
    """Weighs a reading of a channel in; `recover` are the states that give way to one that insists."""
    known = body.channels.get(channel, Channel())
    belief, verdict = kalman.update(body.belief, replace(reading, R=reading.R * max(known.rough, 1.0)))
    rough = known.felt(verdict.nis, 2 if isinstance(reading, Pair) else 1)
    if verdict.accepted:
        return accepted(body, channel, belief, rough), Outcome(verdict.ratio)
    body = replace(body, channels={**body.channels, channel: replace(known, rough=rough)})
    return _refuse(body, channel, reading, verdict, recover)


def accepted(body: Body, channel: str, belief: Belief, rough: float = 1.0) -> Body:
    """Returns the body that believes what a reading of the channel taught, and how rough that is."""
    channels = {**body.channels, channel: Channel(belief.t, None, rough)}
    return replace(body, belief=belief, used_t=belief.t, blind=False, channels=channels)


def _refuse(
    body: Body, channel: str, reading: Reading | Pair, verdict: Verdict, recover: tuple[int, ...]
) -> tuple[Body, Outcome]:
    """Refuses a reading; one that insists for long is given room to be believed."""
    known, t = body.channels[channel], body.belief.t
    since = t if known.refused_since is None else known.refused_since
    off = math.hypot(*reading.y.tolist()) if isinstance(reading, Pair) else reading.y
    if t - since > _patience(body, channel) and math.isfinite(off):
        roomy = body.belief
        for state in recover:
            roomy = kalman.widen(roomy, state, abs(off))
        belief, after = kalman.update(roomy, reading)
        if after.accepted:
            return accepted(body, channel, belief, known.rough), Outcome(after.ratio)
    channels = {**body.channels, channel: replace(known, refused_since=since)}
    why = f"{channel} off by {off:+.1f}, {verdict.ratio:.1f} times its gate"
    return replace(body, channels=channels), Outcome(verdict.ratio, why)


def _patience(body: Body, channel: str) -> float:
    """Returns for how long readings of a channel must be refused before they are believed after all, s."""
    match channel:
        case "speed":
            return RECOVER_SPEED_S
        case "standing":
            used_t = body.channels["speed"].used_t if "speed" in body.channels else None
            seen = used_t is not None and body.belief.t - used_t < STALE_S
            starting = body.gun_t is not None and body.belief.t < body.gun_t + START_S  # `still` judges that
            return RECOVER_S if seen or starting else RECOVER_STANDING_S
        case _:
            return RECOVER_S
