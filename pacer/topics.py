"""The MQTT topic tree and its payloads, in one place; configs/asyncapi.yaml says the same for other programs.

    pacer/v1/<session>/state               State, 10 a second      QoS 0
                       cue/rider           Cue to the rider        QoS 0, never retained
                       cue/runner          Cue to the runner       QoS 0, never retained
                       split               Split                   QoS 1
                       status              who runs, and whether   QoS 1, retained, last will "offline"
                       device/<id>/status  written by each device  QoS 1, retained, last will "offline"
                       command             read, where allowed

Each payload is a JSON object with `v` (format, 1), `run` (changes when pacer starts anew: forget `seq`),
`seq` (counts up), `t` (s, pacer's clock: neither UTC nor yours) and `ttl` (s after `t` in which it may be
used; null: as long as you like). Units stand in the names; null is unknown.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from pacer import units
from pacer.bar import bar
from pacer.errors import ConfigError, InputError
from pacer.inputs import VERBS, Command, Verb
from pacer.outputs import Cue, Estimate, Output, Split, State

VERSION = 1
STATE_TTL_S = 2.0  # s: 20 states missed in a row is no jitter; whoever shows one then goes blank
COMMAND_MAX_BYTES = 1024  # a command needs under 100; nobody gets to make us parse more
COMMAND_REACH_S = 3600.0  # s from now that a command may be about: longer is a wrong clock, not a wish
TARGET_MAX_S = 86400.0  # s, one day: longer than any race that is paced

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """Holds what goes to the broker."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    expires: float | None  # s on the outputs' clock, after which it must not be sent; None: never


@dataclass(frozen=True, slots=True)
class Tree:
    """Names the topics of one session."""

    session: str  # from the configuration, so that a bookmark stays
    run: str  # new at each start of the program

    def topic(self, *levels: str) -> str:
        """Joins levels below the session, such as "cue" and "rider"."""
        return "/".join(("pacer", f"v{VERSION}", self.session, *levels))


@dataclass(frozen=True, slots=True)
class Presence:
    """Holds what `status` says of the program beside the session's state."""

    online: bool
    protocol: str  # of MQTT: "5" or "3.1.1"
    rate: float  # seconds of `t` per second of life: 1 live, more in a fast simulation
    state_hz: float
    pacer_version: str


def check_session(name: str) -> str:
    """Checks a session's name, which becomes one topic level.

    Raises:
        ConfigError: where it is anything but 1 to 32 of letters, digits, _ and -.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", name):
        raise ConfigError(f"mqtt session {name!r}: allowed are 1 to 32 letters, digits, _ and -")
    return name


def message(output: Output, tree: Tree, seq: int) -> Message | None:
    """Turns an output into its message; None for outputs that stay in the house."""
    match output:
        case State(t=t):
            payload = _payload(tree, seq, t, STATE_TTL_S, _state(output))
            return Message(tree.topic("state"), payload, qos=0, retain=False, expires=t + STATE_TTL_S)
        case Cue(t=t, ttl_s=ttl):
            payload = _payload(tree, output.seq, t, ttl, _cue(output))
            return Message(tree.topic("cue", output.to), payload, qos=0, retain=False, expires=t + ttl)
        case Split(t=t):
            payload = _payload(tree, seq, t, None, _split(output))
            return Message(tree.topic("split"), payload, qos=1, retain=False, expires=None)
        case _:
            return None


def status(state: State | None, presence: Presence, tree: Tree, seq: int, t: float | None) -> Message:
    """Tells who runs here; with `t` None it is the last will, whose time nobody can know beforehand."""
    body = {
        "state": "online" if presence.online else "offline",
        "phase": state.phase if state else None,
        "target_time_s": _s(state.target_time_s) if state else None,
        "target_distance_m": _m(state.target_distance_m) if state else None,
        "distance_m": _m(state.runner.distance_m) if state else None,
        "lap": state.lap if state else None,
        "rate": presence.rate,
        "state_hz": presence.state_hz,
        "protocol": presence.protocol,
        "pacer_version": presence.pacer_version,
    }
    payload = _payload(tree, seq, t, None, body)
    return Message(tree.topic("status"), payload, qos=1, retain=True, expires=None)


def parse_command(payload: bytes, now: float, utc_now: float) -> Command:
    """Reads a command such as {"verb": "lap", "age_s": 0.4} and puts its time on our clock.

    The time is told as `at_utc_s` (Unix seconds) or as `age_s` (s ago, for devices without a clock);
    without either it is now.

    Raises:
        InputError: for anything that is not exactly a command.
    """
    body = _command_object(payload)
    verb = body.get("verb")
    if verb not in VERBS:
        raise InputError(f"command: verb {verb!r:.60}; allowed are {', '.join(VERBS)}")
    at = _command_time(body, now, utc_now)
    if verb == "correct_start" and at is None:
        raise InputError("command: correct_start needs at_utc_s or age_s")
    return Command(now, cast("Verb", verb), at, _command_value(body), "mqtt")


def _command_object(payload: bytes) -> JsonObject:
    if len(payload) > COMMAND_MAX_BYTES:
        raise InputError(f"command: {len(payload)} bytes; allowed are {COMMAND_MAX_BYTES}")
    try:
        body = json.loads(payload.decode(), object_pairs_hook=_no_duplicates)
    except (ValueError, RecursionError) as error:
        raise InputError(f"command: not JSON ({error})") from None
    if not isinstance(body, dict):
        raise InputError(f"command: {type(body).__name__}; allowed is an object")
    allowed = {"v", "verb", "at_utc_s", "age_s", "value"}
    if unknown := set(body) - allowed:
        # by repr: what a stranger sends must not reach a terminal as line breaks or escapes
        keys = ", ".join(f"{key!r:.60}" for key in sorted(unknown)[:3])
        raise InputError(f"command: unknown {keys}; allowed are {', '.join(sorted(allowed))}")
    if body.get("v", VERSION) != VERSION or isinstance(body.get("v"), bool):
        raise InputError(f"command: v {body['v']!r:.60}; allowed is {VERSION}")
    return cast("JsonObject", body)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> JsonObject:
    body = dict(pairs)
    if len(body) < len(pairs):
        raise ValueError("a key stands twice")  # whichever we took, the sender may have meant the other
    return body


def _command_time(body: Mapping[str, Any], now: float, utc_now: float) -> float | None:
    if "at_utc_s" in body and "age_s" in body:
        raise InputError("command: at_utc_s and age_s; allowed is one of them")
    if "at_utc_s" in body:
        utc = _number(body, "at_utc_s", utc_now - COMMAND_REACH_S, utc_now + COMMAND_REACH_S)
        return round(now - (utc_now - utc), 6)
    if "age_s" in body:
        return round(now - _number(body, "age_s", 0.0, COMMAND_REACH_S), 6)
    return None


def _command_value(body: Mapping[str, Any]) -> float | None:
    if body["verb"] == "target":
        return _number(body, "value", 1.0, TARGET_MAX_S)
    if "value" in body:
        raise InputError(f"command: value with {body['verb']}; only target has one")
    return None


def _number(body: Mapping[str, Any], key: str, low: float, high: float) -> float:
    value = body.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise InputError(f"command: {key} {value!r:.60}; allowed is a number from {low:g} to {high:g}")
    return float(value)


def _payload(tree: Tree, seq: int, t: float | None, ttl: float | None, body: JsonObject) -> bytes:
    envelope = {"v": VERSION, "run": tree.run, "seq": seq, "t": _round(t, 6), "ttl": ttl}
    return json.dumps(envelope | body, separators=(",", ":"), allow_nan=False).encode()


def _state(state: State) -> JsonObject:
    standing = state.standing
    rider = state.rider or Estimate(state.t, None, None, None, None)
    return {
        "phase": state.phase,
        "elapsed_s": _s(state.elapsed_s),
        "countdown_s": _s(state.countdown_s),
        **_estimate(state.runner),
        "pace_mps": _mps(state.pace_mps),
        "gap_s": _s(standing.gap_s),
        "gap_sd_s": _s(standing.gap_sd_s),
        "gap_m": _m(standing.gap_m),
        "needed_mps": _mps(standing.needed_mps),
        "finish_s": _s(standing.finish_s),
        "finish_sd_s": _s(standing.finish_sd_s),
        "finish_basis": standing.finish_basis,
        "bar": _round(bar(state.runner.speed_mps, standing.needed_mps), 3),
        "lap": state.lap,
        "laps": state.laps,
        "remaining_m": _m(state.remaining_m),
        "mode": state.mode,
        "rider_distance_m": _m(rider.distance_m),
        "rider_speed_mps": _mps(rider.speed_mps),
        "rider_asked_mps": _mps(state.rider_asked_mps),
        "rider_bar": _round(bar(rider.speed_mps, state.rider_asked_mps), 3),
        "rider_gap_m": _m(state.rider_gap_m),
        "heart_rate_bpm": state.heart_rate_bpm,
        "cadence_spm": _round(state.cadence_spm, 1),
        "cue": {"seq": state.cue.seq, "to": state.cue.to, "word": state.cue.word} if state.cue else None,
        "sensors": {sensor.name: sensor.state for sensor in state.sensors},
    }


def _estimate(estimate: Estimate) -> JsonObject:
    return {
        "distance_m": _m(estimate.distance_m),
        "distance_sd_m": _m(estimate.distance_sd_m),
        "speed_mps": _mps(estimate.speed_mps),
        "speed_sd_mps": _mps(estimate.speed_sd_mps),
    }


def _cue(cue: Cue) -> JsonObject:
    return {
        "to": cue.to,
        "word": cue.word,
        "change_mps": _mps(cue.change_mps),
        "change_s_per_lap": _s(_lap_seconds(cue)),
        "speed_mps": _mps(cue.speed_mps),
        "gap_s": _s(cue.gap_s),
        "gap_sd_s": _s(cue.gap_sd_s),
    }


def _lap_seconds(cue: Cue) -> float | None:
    before = cue.speed_mps - cue.change_mps
    moving = min(before, cue.speed_mps) >= units.STANDING_MPS  # standing still has no seconds a lap
    return units.lap_seconds(cue.change_mps, before) if moving else None


def _split(split: Split) -> JsonObject:
    return {
        "kind": split.kind,
        "index": split.index,
        "distance_m": _m(split.distance_m),
        "elapsed_s": _s(split.elapsed_s),
        "leg_m": _m(split.leg_m),
        "leg_s": _s(split.leg_s),
        "gap_s": _s(split.gap_s),
        "final": split.final,
    }


def _round(value: float | None, digits: int) -> float | None:
    return round(value, digits) if value is not None and math.isfinite(value) else None


def _s(value: float | None) -> float | None:
    return _round(value, 3)  # ms: ten times finer than a stopwatch


def _m(value: float | None) -> float | None:
    return _round(value, 2)  # cm: finer than any sensor here


def _mps(value: float | None) -> float | None:
    return _round(value, 4)  # 0.1 mm/s: 0.005 s a mile, so rounding never shows
