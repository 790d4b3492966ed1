"""The measurements of the last minute, to hear them again with the gun in its place.

A start is told late, or was told wrong: the body is taken back to before the gun, and everything since is
weighed in anew. Bodies are values, so going back costs nothing but keeping them.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from pacer.estimator import body as bodies
from pacer.estimator.body import Body
from pacer.estimator.observe import observe
from pacer.measurement import Measurement
from pacer.setup import Kind

# A start may be told this late and still be worked in exactly; a thousand bodies of 10 Hz take 2 MB.
LATE_S = 60.0  # s
# A wrong start may be put right for this long after it; hearing five minutes again takes half a second.
CORRECT_S = 300.0  # s

Fire = Callable[[Body], Body]


@dataclass(frozen=True, slots=True)
class Heard:
    """Holds one measurement and the body as it was before, while that knew of no gun."""

    before: Body | None
    m: Measurement
    kind: Kind
    from_file: bool


@dataclass(frozen=True, slots=True)
class Replayed:
    """Holds a body that heard everything again: where it was at the gun, just before and just after it."""

    body: Body
    before_m: float  # m
    after_m: float  # m
    along_m: list[float]  # m, at each of the times that were asked for; the step at the gun is left out
    chain: list[Body]  # at the gun, and after each measurement since


@dataclass(slots=True)
class Reel:
    """Keeps what one body has heard; bounded, and changed in place."""

    heard: deque[Heard] = field(default_factory=deque)

    def keep(self, body: Body, m: Measurement, kind: Kind, *, from_file: bool) -> None:
        """Keeps a measurement that `body` is about to weigh in."""
        if body.gun_t is None:
            self.heard.append(Heard(body, m, kind, from_file))
            while m.t - self.heard[0].m.t > LATE_S:
                self.heard.popleft()
        elif m.t - body.gun_t > CORRECT_S:
            self.heard.clear()
        elif self.heard:
            self.heard.append(Heard(None, m, kind, from_file))

    def back(self, at: float) -> tuple[Body, list[Heard]] | None:
        """Returns the newest body before `at` s that knows of no gun, and what was heard since."""
        found: tuple[Body, int] | None = None
        for i, entry in enumerate(self.heard):
            if entry.before is not None and entry.before.belief.t <= at:
                found = entry.before, i
        return (found[0], list(self.heard)[found[1] :]) if found else None


def replay(body: Body, heard: Sequence[Heard], at: float, fire: Fire, times: Sequence[float]) -> Replayed:
    """Lets a body hear everything again, the gun fired at `at` s, and tells where it was at `times`, s."""
    along: list[float] = []
    chain: list[Body] = []
    before = after = shift = 0.0
    for t, order, entry in _in_order(heard, at, times):
        body = bodies.advance(body, t)
        if order == 0 and entry is not None:
            body, _ = observe(body, entry.m, entry.kind, from_file=entry.from_file)
            chain += [body] if chain else []
        elif order == 1:
            along.append(bodies.along_m(body) - shift)
        else:
            before, body = bodies.along_m(body), fire(body)
            after = bodies.along_m(body)
            shift = after - before
            chain = [body]
    return Replayed(body, before, after, along, chain)


def _in_order(
    heard: Sequence[Heard], at: float, times: Sequence[float]
) -> Iterator[tuple[float, int, Heard | None]]:
    """Merges measurements (0), asked times (1) and the gun (2) by time."""
    return heapq.merge(
        ((entry.m.t, 0, entry) for entry in heard),
        ((t, 1, None) for t in times),
        ((at, 2, None),),
        key=lambda moment: moment[:2],
    )
