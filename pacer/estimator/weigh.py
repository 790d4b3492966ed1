"""Weighs a reading in: gate, roughness, and the way back for a sensor that insists."""

from __future__ import annotations

import math

from pacer.estimator import kalman, model
from pacer.estimator.body import STALE_S, START_S, Body, Channel, Outcome
from pacer.estimator.kalman import Pair, Reading
from pacer.estimator.model import Belief
from pacer.evolve import replace

UNHEARD = Channel()  # of no reading yet
# Refused for this long, a runner is where the sensor says after all: multipath beside a stand lasts 20 s. But
# errors of a speed do not last seconds: a third reading in a row that is off the same way is believed, rough
# as its kind may seem by then: somebody really did start.
RECOVER_S, RECOVER_SPEED_S = 30.0, 1.5  # s
SPEEDS = ("speed", "pod speed", "stride")  # the channels that this is for
# Whose speed speaks against whose: either may be another runner's, or frozen.
AGAINST = {"speed": ("stride",), "pod speed": ("speed",), "stride": ("speed",)}
BEFORE_S = 1.1  # s: a change began this long before the first reading that is off: their distance, and a lag
# A pod that counts no steps is believed at the second packet, unless a receiver's speed says otherwise.
RECOVER_STANDING_S = 0.9  # s


def use(body: Body, channel: str, reading: Reading | Pair, recover: tuple[int, ...]) -> tuple[Body, Outcome]:
    """Weighs a reading of a channel in; `recover` are the states that give way to one that insists."""
    known = body.channels.get(channel, UNHEARD)
    weighed = reading if known.rough <= 1.0 else replace(reading, R=reading.R * known.rough)
    belief, verdict = kalman.update(body.belief, weighed)
    rough = known.felt(verdict.nis, 2 if isinstance(reading, Pair) else 1)
    if verdict.accepted and not (known.rough > 1.0 and channel in SPEEDS and _far(body.belief, reading)):
        return accepted(body, channel, belief, rough), Outcome(verdict.ratio)
    body = replace(
        body, channels={**body.channels, channel: _off(known, channel, reading, rough, body.belief.t)}
    )
    believed = _believe(body, channel, reading, recover)
    if believed is not None:
        return believed
    if verdict.accepted:
        return replace(body, belief=belief, used_t=belief.t, blind=False), Outcome(verdict.ratio)
    off = math.hypot(*reading.y.tolist()) if isinstance(reading, Pair) else reading.y
    return body, Outcome(verdict.ratio, f"{channel} off by {off:+.1f}, {verdict.ratio:.1f} times its gate")


def _far(belief: Belief, reading: Reading | Pair) -> bool:
    """Tells whether a reading is beyond its gate by its usual noise: roughness must not hide a new speed."""
    return isinstance(reading, Reading) and abs(kalman.sigmas(belief, reading)) > reading.gate.hard


def _off(known: Channel, channel: str, reading: Reading | Pair, rough: float, t: float) -> Channel:
    """Returns the channel after a reading that is off; one of speed insists only while it is off one way."""
    way = math.copysign(1.0, reading.y) if isinstance(reading, Reading) and channel in SPEEDS else 0.0
    since = known.refused_since
    return replace(
        known, rough=rough, way=way, refused_since=t if since is None or way != known.way else since
    )


def insisted(body: Body) -> bool:
    """Tells whether a speed insists on being another than is believed."""
    return any(kept.refused_since is not None for name, kept in body.channels.items() if name in SPEEDS)


def accepted(body: Body, channel: str, belief: Belief, rough: float = 1.0) -> Body:
    """Returns the body that believes what a reading of the channel taught, and how rough that is."""
    channels = {**body.channels, channel: Channel(belief.t, None, rough)}
    return replace(body, belief=belief, used_t=belief.t, blind=False, channels=channels)


def forget(body: Body, channel: str) -> Body:
    """Returns the body for which the channel's next reading is the first."""
    if channel not in body.channels:
        return body
    return replace(body, channels={name: kept for name, kept in body.channels.items() if name != channel})


def _believe(
    body: Body, channel: str, reading: Reading | Pair, recover: tuple[int, ...]
) -> tuple[Body, Outcome] | None:
    """Makes room for a reading that insisted for long enough, and weighs it in; None: not yet."""
    since, t = body.channels[channel].refused_since, body.belief.t
    off = math.hypot(*reading.y.tolist()) if isinstance(reading, Pair) else reading.y
    if since is None or t - since <= _patience(body, channel) or not math.isfinite(off):
        return None
    if _contradicted(body, channel, since):
        return None
    roomy = body.belief
    if channel in SPEEDS:  # what was reckoned on at the old speed since then is off with it
        roomy = kalman.widen_along(roomy, model.changed(roomy, t - since + BEFORE_S), abs(off))
    for state in recover:
        roomy = kalman.widen(roomy, state, abs(off))
    belief, after = kalman.update(roomy, reading)
    return (accepted(body, channel, belief), Outcome(after.ratio)) if after.accepted else None


def _contradicted(body: Body, channel: str, since: float) -> bool:
    """Tells whether another sensor has told of the old speed since this one insists on a new one."""
    others = (body.channels[other] for other in AGAINST.get(channel, ()) if other in body.channels)
    return any(
        kept.refused_since is None and kept.used_t is not None and since < kept.used_t for kept in others
    )


def _patience(body: Body, channel: str) -> float:
    """Returns for how long readings of a channel must be refused before they are believed after all, s."""
    match channel:
        case "speed" | "pod speed" | "stride":
            return RECOVER_SPEED_S
        case "standing":
            used_t = body.channels["speed"].used_t if "speed" in body.channels else None
            seen = used_t is not None and body.belief.t - used_t < STALE_S
            starting = body.gun_t is not None and body.belief.t < body.gun_t + START_S  # `still` judges that
            return RECOVER_S if seen or starting else RECOVER_STANDING_S
        case _:
            return RECOVER_S
