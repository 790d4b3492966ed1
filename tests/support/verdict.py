"""What a coach would check of a run, each judged by the simulator's truth or by the raw inputs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from operator import attrgetter

from pacer.inputs import Input, Notification
from pacer.outputs import Cue, SensorState, State
from tests.support.played import Scene

ERROR_M = 6.0  # m, promised
SETTLED_S = 60.0  # s after the gun, from which on it is promised
SPLIT_S = 69.84  # s, 400 m of a mile in 4:41
SPLIT_ERROR_S = 2.0  # s, promised
STALE_S = 2.5  # s without any reading of the runner, after which nothing may be said
SPACING_S = 6.0  # s between two cues to one person, at least
QUIET_START_S = 12.0  # s after the gun in which nothing is said
EVEN_MPS = 1609.344 / 281.0

RSC, LN, UART = "2a53", "2a67", "6e400003-b5a3-f393-e0a9-e50e24dcca9e"


def assert_near_truth(scene: Scene) -> None:
    """Asserts that the distance is within 6 m of where the runner really was, from 60 s after the gun on."""
    settled = list(scene.settled(SETTLED_S))
    assert settled, "the run never got as far as 60 s"
    for state in settled:
        assert state.runner.distance_m is not None, f"no distance at {state.t} s"
        off = state.runner.distance_m - scene.truth_m(state.t)
        assert abs(off) <= ERROR_M, f"{off:+.1f} m off the truth at {state.t} s"


def assert_true_splits(scene: Scene) -> None:
    """Asserts four splits of 400 m and the finish, each when the runner was there (6 m at his pace)."""
    splits = scene.ledger.marks("split")
    assert [round(split.distance_m, 3) for split in splits] == [400.0, 800.0, 1200.0, 1600.0, 1609.344]
    for split in splits:
        true_s = scene.world.time_at(split.distance_m)
        assert true_s is not None
        assert abs(split.elapsed_s - true_s) <= ERROR_M / EVEN_MPS, f"{split} was at {true_s} s"
    assert scene.ledger.finished is not None
    assert scene.ledger.finished.elapsed_s == splits[-1].elapsed_s


def assert_even(scene: Scene) -> None:
    """Asserts that every 400 m of the session's took 69.84 s within 2."""
    for split in scene.ledger.marks("split")[:4]:
        assert abs(split.leg_s - SPLIT_S) <= SPLIT_ERROR_S, f"split {split.index}: {split.leg_s:.2f} s"


def assert_shown(scene: Scene) -> None:
    """Asserts that each device showed exactly the cues that the session gave its person, in order."""
    cues = scene.of(Cue)
    assert cues, "no cue was sent"  # a rider who holds his place needs none
    for device, to in ((scene.display, "rider"), (scene.audio, "runner")):
        sent = [cue.seq for cue in cues if cue.to == to]
        assert [shown.seq for shown in device.shown] == sent, f"{device.kind}: not what was sent"
        assert not device.dropped, f"{device.kind} dropped {dict(device.dropped)}"
    shown = [*scene.display.shown, *scene.audio.shown]
    assert [(s.seq, s.word) for s in sorted(shown, key=attrgetter("seq"))] == [
        (c.seq, c.word) for c in sorted(cues, key=attrgetter("seq"))
    ]
    sizes = {cue.seq: cue.change_mps for cue in cues}
    assert all(abs(s.change_mps - sizes[s.seq]) < 1e-3 for s in shown)  # rounded on the wire


def assert_calm(scene: Scene) -> None:
    """Asserts what holds in every run: ten states a second, no distance that falls, no cue that nags."""
    states = scene.of(State)
    assert all(0 < after.t - before.t < 0.1 + 1e-6 for before, after in pairwise(states))
    metres = [s.runner.distance_m for s in states if s.runner.distance_m is not None and s.phase == "running"]
    assert all(before <= after for before, after in pairwise(metres))
    cues = scene.of(Cue)
    assert [cue.seq for cue in cues] == list(range(1, len(cues) + 1))
    for to in ("rider", "runner"):
        said = [cue.t for cue in cues if cue.to == to]
        assert all(after - before >= SPACING_S for before, after in pairwise(said))
    end = scene.ledger.finished
    assert all(scene.gun_t + QUIET_START_S < cue.t <= (end.t if end else cue.t) for cue in cues)


def stale_cues(scene: Scene) -> list[Cue]:
    """Lists the cues given to a runner whose sensors had told nothing for 2.5 s, by the bytes alone."""
    told = [item.t for item in scene.inputs if _tells_of_runner(item)]
    to_runner = [cue for cue in scene.of(Cue) if cue.to == "runner"]
    return [cue for cue in to_runner if not any(cue.t - STALE_S <= t <= cue.t for t in told)]


def _tells_of_runner(item: Input) -> bool:
    """Tells whether bytes can hold a speed or place of the runner; no decoder of pacer's is asked."""
    match item:
        case Notification(char=char, data=data) if char == LN:
            flags = int.from_bytes(data[:2], "little")
            return flags >> 7 & 0b11 == 1  # LN 1.0, 3.1.1.1: Position Status, 1 is "position ok"
        case Notification(char=char, data=data):
            return char in (RSC, UART)
        case _:
            return False


def heard(scene: Scene, sensor: str) -> list[float]:
    """Lists when a sensor was heard, s."""
    return [i.t for i in scene.inputs if isinstance(i, Notification) and i.sensor == sensor]


def sensor_states(scene: Scene, sensor: str) -> Iterator[tuple[float, SensorState]]:
    """Yields what the screen said of a sensor, tick by tick."""
    for state in scene.of(State):
        for status in state.sensors:
            if status.name == sensor:
                yield state.t, status.state
