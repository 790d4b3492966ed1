"""Ways to break what is believed, and what is said of it."""

from __future__ import annotations

from tests.promises.mutation import Mutation

BODY, MODEL, PROCESS = "pacer/estimator/body.py", "pacer/estimator/model.py", "pacer/estimator/process.py"
INTAKE, TICK, FRESHNESS, FEED = (
    "pacer/intake.py",
    "pacer/tick.py",
    "pacer/freshness.py",
    "pacer/display/feed.py",
)

OUTPUTS = (
    Mutation(
        "E1",
        "any position is believed",
        "pacer/estimator/readings.py",
        "POSITION_GATE = Gate(1.0, 3.0)",
        "POSITION_GATE = Gate(30.0, 90.0)",
    ),
    Mutation(
        "E2",
        "a new speed is not believed however often it is told",
        "pacer/estimator/weigh.py",
        "RECOVER_S, RECOVER_SPEED_S = 30.0, 1.5",
        "RECOVER_S, RECOVER_SPEED_S = 30.0, 30.0",
    ),
    Mutation("E3", "a footpod's scale may be anything", PROCESS, "Q_K = 0.0006**2", "Q_K = 0.06**2"),
    Mutation("E4", "a silent runner is thought to run on", BODY, "BLIND_S = 5.0", "BLIND_S = 8.0"),
    Mutation("E5", "any number is a time", "pacer/session.py", "if not abs(item.t) <= FAR_S:", "if False:"),
    Mutation("E6", "doubt grows by the tick", MODEL, "dt**3 / 3", "dt**3 / 2"),
    Mutation(
        "E9", "a packet that came twice counts twice", INTAKE, "if health.said.repeats(m):", "if False:"
    ),
    Mutation(
        "C1", "a late cue is shown", FRESHNESS, 'return "late" if age_s > ttl else "show"', 'return "show"'
    ),
    Mutation("C2", "numbers stay for 3 s", FEED, "SILENT_S = 1.5", "SILENT_S = 3.0"),
    Mutation("C3", "who is refused is trusted", TICK, ' and run.trusts("runner"))', ")"),
    Mutation(
        "C4",
        "the deaf are told as often as others",
        "pacer/cue/manners.py",
        "PATIENCE, RARER = 2, 7.0",
        "PATIENCE, RARER = 2, 1.0",
    ),
    Mutation(
        "C5", "a cue may be shown again", FRESHNESS, "if run == self.run and seq <= self.seq:", "if False:"
    ),
    Mutation(
        "C6",
        "pictures are handed out later",
        "pacer/engine.py",
        "            self._offer(output)\n            if isinstance(output, Finished)",
        "            asyncio.get_running_loop().call_later(0.2, self._offer, output)\n"
        "            if isinstance(output, Finished)",
    ),
    Mutation(
        "P4",
        "inputs are stamped by the wall clock",
        "pacer/clock.py",
        "time.clock_gettime(self._clock)",
        "time.time()",
    ),
    Mutation(
        "P5",
        "a cue stays until the next one",
        TICK,
        "run.running and run.t - cue.t <= cue.ttl_s",
        "run.running",
    ),
    Mutation(
        "E7",
        "distance is claimed ten times as sure",
        BODY,
        "along_m(body), along_sd_m(body), speed_mps(body), sd)",
        "along_m(body), along_sd_m(body) / 10, speed_mps(body), sd)",
    ),
    Mutation(
        "E8",
        "distance is told 2 % long",
        TICK,
        "distance = max(run.history.s[-1] - run.race.origin_m, 0.0)",
        "distance = 1.02 * max(run.history.s[-1] - run.race.origin_m, 0.0)",
    ),
    Mutation(
        "C7", "the gap is looked at every 2 s", "pacer/sinks/tui/app.py", "FAST_S = 0.1", "FAST_S = 2.0"
    ),
    Mutation(
        "C8",
        "what a small terminal needs is not said",
        "pacer/sinks/tui/app.py",
        '"too small: needs 80x24"',
        '""',
    ),
)
