"""Decides what sounds when, given what was heard and when: pure, no clock, no I/O.

    hear(score, said) -> score, sounds        tick(score, now) -> score, sounds

A cue is a tone, a split is spoken, the last lap is rung in, and the even split's line may beat each 100 m.
Whatever is not fresh is not played.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from pacer import units
from pacer.errors import InputError
from pacer.freshness import ClockOffset, LastCue
from pacer.heard import Counts, Heard, HeardCue, HeardSplit, HeardState, HeardStatus, Said, read
from pacer.setup import Role, Target
from pacer.target import EvenSplit, even_split
from pacer.tones import Name

# s after which a state is no longer live; as on the rider's page, all is still within 2 s
SILENT_S = 1.5
# s before a beat at which it is told, so that it sounds in time; beats go on for so long after silence
HORIZON_S = 0.5
# s after which nobody cares for a split any more: 29 m at 4:41
SPLIT_TTL_S = 5.0
# s that the bell rings before "last lap" is said into its last stroke
BELL_S = 2.2


@dataclass(frozen=True, slots=True)
class Sound:
    """Asks for a tone, or for words, to be heard at an instant."""

    at: float  # s, our clock
    tone: Name | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """Holds what was heard, and what has been played of it."""

    to: Role = "runner"
    beat_m: float | None = None  # m between beats of the pace line; None: no beat
    words: bool = True
    offset: ClockOffset = field(default_factory=ClockOffset)
    rate: float = 1.0  # seconds of pacer's clock per second of ours; 1 but in a simulation
    even: EvenSplit | None = None
    state: HeardState | None = None
    last: LastCue = field(default_factory=LastCue)
    beaten: int = 0  # beats of this run that were told or let go
    lost: bool = False  # silence was told
    counts: Counts = field(default_factory=Counts)


Played = tuple[Score, tuple[Sound, ...]]


def hear(score: Score, said: Said) -> Played:
    """Takes one message; what is no message of ours is counted and makes no sound."""
    try:
        heard = read(said.levels, said.payload)
    except InputError:
        return replace(score, counts=score.counts.drop("malformed")), ()
    return _take(score, heard, said)


def _take(score: Score, heard: Heard | None, said: Said) -> Played:
    match heard:
        case HeardState() if not said.retain:
            return _state(score, heard, said.now)
        case HeardCue(to=to) if to == score.to:
            return _cue(score, heard, said)
        case HeardSplit(kind="split") if score.words and not said.retain:
            return score, _split(score, heard, said.now)
        case HeardStatus():
            return _status(score, heard), ()
        case _:
            return score, ()


def tick(score: Score, now: float) -> Played:
    """Lets time pass until `now` (s, our clock): beats that are near, and silence."""
    age = _age(score, now)
    if score.state is None or score.state.phase != "running" or age is None:
        return score, ()
    if age > SILENT_S:
        return replace(score, lost=True), () if score.lost else (Sound(now, "lost"),)
    return _beats(replace(score, lost=False), now)


def over(score: Score) -> bool:
    """Tells whether the run that was heard has ended."""
    return score.state is not None and score.state.phase in ("finished", "stopped")


def _age(score: Score, now: float) -> float | None:
    """Returns how old the state is, s of ours."""
    age = None if score.state is None else score.offset.age(score.state.t, now * score.rate)
    return None if age is None else age / score.rate


def _state(score: Score, state: HeardState, now: float) -> Played:
    before = score.state if score.state and score.state.run == state.run else None
    offset = score.offset.hear(state.run, state.t, now * score.rate)
    if before is not None and state.t < before.t:  # delivered out of order
        return replace(score, offset=offset), ()
    fresh = replace(score, offset=offset, state=state, beaten=score.beaten if before else 0)
    fresh, sounds = tick(fresh, now)
    return fresh, (*sounds, *_bell(fresh, before, now))


def _bell(score: Score, before: HeardState | None, now: float) -> tuple[Sound, ...]:
    """Rings when the last lap begins; who joins later has missed it."""
    match before, score.state:
        case HeardState(lap=int(lap)), HeardState(phase="running", lap=int(last), laps=int(laps)):
            if lap == last - 1 and 1 < last == laps and (_age(score, now) or 0.0) <= SILENT_S:
                told = (Sound(now + BELL_S, words="last lap"),) if score.words else ()
                return (Sound(now, "bell"), *told)
    return ()


def _beats(score: Score, now: float) -> Played:
    """Tells the beats within `HORIZON_S`: whenever the even split passes another `beat_m`."""
    state, even, beat = score.state, score.even, score.beat_m
    if state is None or state.elapsed_s is None or even is None or beat is None:
        return score, ()
    gun = score.offset.ours(state.t - state.elapsed_s)
    if gun is None:
        return score, ()
    sounds: list[Sound] = []
    while (mark_m := (score.beaten + 1) * beat) <= even.distance_m:
        at = (gun + _passes(even, mark_m)) / score.rate
        if at > now + HORIZON_S:
            break
        score = replace(score, beaten=score.beaten + 1)
        if at >= now:
            sounds.append(Sound(at, "beat"))
    return score, tuple(sounds)


def _passes(even: EvenSplit, distance_m: float) -> float:
    """Returns when the even split is at a distance, s after the gun."""
    at = distance_m / even.cruise_mps
    for _ in range(20):  # what the start costs tends to a constant: each step halves the error
        at += even.gap_s(distance_m, at)
    return at


def _cue(score: Score, cue: HeardCue, said: Said) -> Played:
    if said.retain:  # nobody may retain a cue; if somebody did, it is old
        return replace(score, counts=score.counts.drop("retained")), ()
    age = score.offset.age(cue.t, said.now * score.rate) if cue.run == score.offset.run else None
    verdict = score.last.judge(cue.run, cue.seq, cue.ttl, age)
    if verdict != "show":
        return replace(score, counts=score.counts.drop(verdict)), ()
    played = replace(score, last=LastCue(cue.run, cue.seq), counts=score.counts.show(cue.seq))
    return played, (Sound(said.now, cue.word),)


def _split(score: Score, split: HeardSplit, now: float) -> tuple[Sound, ...]:
    age = score.offset.age(split.t, now * score.rate) if split.run == score.offset.run else None
    if age is None or age > SPLIT_TTL_S * score.rate:
        return ()
    return (Sound(now, words=_split_words(split)),)


def _split_words(split: HeardSplit) -> str:
    """Says the time of the leg, or at the end of the whole, and the gap."""
    time = f"finish, {units.spoken(split.elapsed_s)}" if split.final else units.spoken(split.leg_s)
    if split.gap_s is None:
        return time
    gap = round(split.gap_s, 1)
    side = "ahead" if gap > 0 else "behind"
    return f"{time}, {abs(gap):.1f} {side}" if gap else f"{time}, even"


def _status(score: Score, status: HeardStatus) -> Score:
    even = None
    if status.target_time_s and status.target_distance_m:
        even = even_split(Target(status.target_distance_m, status.target_time_s))
    offset = score.offset if status.rate == score.rate else ClockOffset()
    return replace(score, offset=offset, rate=status.rate, even=even or score.even)
