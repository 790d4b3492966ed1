"""Decides what the rider's page may show, given what was heard and when: pure, no clock, no I/O.

    hear(feed, said) -> feed         frame(feed, link, now) -> Frame, or what the page says instead

Numbers live `SILENT_S`, a cue lives its ttl, and both are aged by the smallest delay seen, so that a broker
that holds messages back cannot make an old one look new.

Where no sensor tells of the rider, he rides with the runner: his page shows the runner's cues and speeds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from pacer import units
from pacer.errors import InputError
from pacer.freshness import ClockOffset, LastCue
from pacer.heard import Counts, Heard, HeardCue, HeardState, HeardStatus, Link, Said, read
from pacer.outputs import Phase, Word
from pacer.setup import Role
from pacer.units import RidingUnit

# s after which a state is no longer live: 15 in a row are missed, and the page is grey within 2 s
SILENT_S = 1.5
# Places of the bar where the word changes between cues: 2 % too fast or slow, and 1 % to be right again.
# Speeds from a wheel are good to 0.3 %, so the word does not flicker.
WORD_ON, WORD_OFF = 0.4, 0.2

Standing = Literal["live", "connecting", "reconnecting", "waiting", "settling", "silent", "ended"]

UNKNOWN = "—"


@dataclass(frozen=True, slots=True)
class Feed:
    """Holds what was heard, for one person's display."""

    to: Role = "rider"
    unit: RidingUnit = "km/h"
    offset: ClockOffset = field(default_factory=ClockOffset)
    rate: float = 1.0  # seconds of pacer's clock per second of ours; 1 but in a simulation
    state: HeardState | None = None
    cue: HeardCue | None = None  # the last one that was shown
    last: LastCue = field(default_factory=LastCue)
    word: Word | None = None  # what the bar says
    offline: str | None = None  # the run that said so, or whose last will did
    counts: Counts = field(default_factory=Counts)
    watched: bool = True  # a page is open


@dataclass(frozen=True, slots=True)
class Frame:
    """Holds one picture for the page; a number that is not known is "—"."""

    at: float  # s, our clock
    age_s: float | None  # s, of the state it shows; None where it shows none
    standing: Standing
    says: str  # in words, where it is not live
    phase: Phase | None = None
    word: Word | None = None
    from_cue: bool = False  # else the word follows the bar
    cue: str | None = None  # names the cue in force, run/seq
    cue_left_s: float | None = None  # s it may still be shown
    big: str = ""  # in place of a word: the countdown, the end
    gap: str = UNKNOWN
    side: str = ""  # what the number says: s ahead, s runner behind
    asked: str = UNKNOWN
    ridden: str = UNKNOWN
    whose: Literal["now", "runner"] = "now"  # what the speed that is ridden is called
    unit: RidingUnit = "km/h"
    bar: float | None = None
    lap: str = ""
    to_go: str = UNKNOWN


def hear(feed: Feed, said: Said) -> Feed:
    """Takes one message; what is no message of ours is counted and changes nothing."""
    try:
        heard = read(said.levels, said.payload)
    except InputError:
        return replace(feed, counts=feed.counts.drop("malformed"))
    return _take(feed, heard, said)


def _take(feed: Feed, heard: Heard | None, said: Said) -> Feed:
    match heard:
        case HeardState():
            return feed if said.retain else _state(feed, heard, said.now)
        case HeardCue(to=to) if to == _about(feed, feed.state):
            return _cue(feed, heard, said)
        case HeardStatus(run=run, state=state, rate=rate):
            offset = feed.offset if rate == feed.rate else ClockOffset()
            return replace(feed, offset=offset, rate=rate, offline=run if state == "offline" else None)
        case _:
            return feed


def _about(feed: Feed, state: HeardState | None) -> Role:
    """Says whose cues and speeds are shown: the runner's to a rider of whom nothing is known."""
    return "runner" if state is not None and state.mode == "audio" else feed.to


def _state(feed: Feed, state: HeardState, now: float) -> Feed:
    offset = feed.offset.hear(state.run, state.t, now * feed.rate)
    before = feed.state
    if before is None or before.run != state.run:
        return replace(feed, offset=offset, state=state, cue=None, word=_word(None, _bar(feed, state)))
    if state.t < before.t:  # delivered out of order
        return replace(feed, offset=offset)
    return replace(feed, offset=offset, state=state, word=_word(feed.word, _bar(feed, state)))


def _bar(feed: Feed, state: HeardState) -> float | None:
    if state.phase != "running":
        return None
    return state.rider_bar if _about(feed, state) == "rider" else state.bar


def _word(before: Word | None, bar: float | None) -> Word | None:
    """Puts the place of the bar in a word, which changes back later than it came."""
    if bar is None:
        return None
    bound = WORD_ON if before in (None, "hold") else WORD_OFF
    if abs(bar) < bound:
        return "hold"
    return "ease" if bar > 0 else "press"


def _cue(feed: Feed, cue: HeardCue, said: Said) -> Feed:
    if said.retain:  # nobody may retain a cue; if somebody did, it is old
        return replace(feed, counts=feed.counts.drop("retained"))
    age = feed.offset.age(cue.t, said.now * feed.rate) if cue.run == feed.offset.run else None
    verdict = feed.last.judge(cue.run, cue.seq, cue.ttl, age)
    if verdict != "show":
        return replace(feed, counts=feed.counts.drop(verdict))
    counts = feed.counts.show(cue.seq) if feed.watched else feed.counts.drop("unseen")
    return replace(feed, cue=cue, last=LastCue(cue.run, cue.seq), counts=counts)


def frame(feed: Feed, link: Link, now: float) -> Frame:
    """Draws what may be shown at `now` (s, our clock), while the link to the broker stands as `link`."""
    state = feed.state
    age = None if state is None else feed.offset.age(state.t, now * feed.rate)
    silent = None if age is None else age / feed.rate
    if state is None or silent is None or silent > SILENT_S:
        standing, says = _instead(feed, link, silent)
        return Frame(now, None, standing, says, unit=feed.unit)
    return _live(feed, state, Frame(now, round(silent, 3), "live", "", state.phase, unit=feed.unit))


def _instead(feed: Feed, link: Link, silent: float | None) -> tuple[Standing, str]:
    """Says why there is nothing to show."""
    since = "" if silent is None else f" for {silent:.0f} s"
    if link != "connected":
        return link, "connecting to the broker" if link == "connecting" else "broker lost: reconnecting"
    if feed.offline is not None and (feed.state is None or feed.offline == feed.state.run):
        return "ended", "pacer has ended"
    if feed.state is None:
        return "waiting", "waiting for pacer"
    return ("settling", "pacer is there") if silent is None else ("silent", f"pacer is silent{since}")


def _live(feed: Feed, state: HeardState, bare: Frame) -> Frame:
    cue, left = _in_force(feed, bare.at)
    rider = _about(feed, state) == "rider"
    asked = state.rider_asked_mps if rider else state.needed_mps
    if asked is None and cue is not None:
        asked = cue.speed_mps
    running = state.phase == "running"
    return replace(
        bare,
        word=(cue.word if cue else feed.word) if running else None,
        from_cue=running and cue is not None,
        cue=f"{cue.run}/{cue.seq}" if cue and running else None,
        cue_left_s=left if running else None,
        big=_big(state),
        gap=_gap(state),
        side=_side(state, feed.to),
        asked=units.riding(asked, feed.unit),
        ridden=units.riding(state.rider_speed_mps if rider else state.speed_mps, feed.unit),
        whose="now" if rider or feed.to == "runner" else "runner",
        bar=_bar(feed, state),
        lap=_lap(state),
        to_go=UNKNOWN if state.remaining_m is None else f"{state.remaining_m:.0f} m",
    )


def _in_force(feed: Feed, now: float) -> tuple[HeardCue | None, float | None]:
    """Finds the cue that may still be shown, and for how long (s, ours)."""
    if feed.cue is None or feed.cue.run != feed.offset.run or feed.cue.to != _about(feed, feed.state):
        return None, None
    age = feed.offset.age(feed.cue.t, now * feed.rate)
    if age is None or age > feed.cue.ttl:
        return None, None
    return feed.cue, round((feed.cue.ttl - age) / feed.rate, 3)


def _big(state: HeardState) -> str:
    match state:
        case HeardState(phase="countdown", countdown_s=float(left)):
            return f"{max(left, 0.0):.0f}"
        case HeardState(phase="finished" | "stopped", elapsed_s=elapsed):
            return units.duration(elapsed, 1)
        case HeardState(phase="running"):
            return ""
        case _:
            return "READY"


def _gap(state: HeardState) -> str:
    return UNKNOWN if state.gap_s is None else units.gap(state.gap_s)


def _side(state: HeardState, to: Role) -> str:
    """Says the sign of the gap, as it is written, in a word.

    The gap is the runner's, and the rider is told so: his own word is about his own place, and "ease" may
    stand above a runner who is behind.
    """
    whose = "s runner" if to == "rider" else "s"
    return {"+": f"{whose} ahead", "-": f"{whose} behind", "0": whose}.get(_gap(state)[0], "")


def _lap(state: HeardState) -> str:
    if state.lap is None:
        return ""
    if state.laps is not None and state.lap >= state.laps > 1:
        return "LAST LAP"
    return f"LAP {state.lap}" + (f"/{state.laps}" if state.laps else "")
