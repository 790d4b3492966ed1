"""Ways to break what sensors, files and configurations go through."""

from __future__ import annotations

from tests.promises.mutation import Mutation

HEALTH, BLE, FINDER = "pacer/health.py", "pacer/sources/ble.py", "pacer/sources/finder.py"
PLAUSIBILITY, MARKUP = "pacer/gatt/plausibility.py", "pacer/files/markup.py"
WITNESS, INTAKE = "pacer/witness.py", "pacer/intake.py"

INPUTS = (
    Mutation("S1", "silence is told a second later", HEALTH, "SILENCE_S = 2.5", "SILENCE_S = 3.5"),
    Mutation("S1", "a pod never sleeps", HEALTH, '("footpod", "wheel")', "()"),
    Mutation(
        "S1",
        "whatever may sleep does when it is silent",
        HEALTH,
        "if self.rested_t is None or t - self.rested_t > self._limit_s() else",
        "if self.spec.kind not in MAY_REST else",
    ),
    Mutation(
        "S2",
        "one lost reading is an alarm",
        HEALTH,
        "max(SILENCE_S, SILENCE_INTERVALS * usual)",
        "1.5 + 0 * usual",
    ),
    Mutation(
        "S3",
        "the next attempt waits 12 s",
        BLE,
        "await asyncio.sleep(BACKOFF_S[",
        "await asyncio.sleep(12 + 0 * BACKOFF_S[",
    ),
    Mutation(
        "S4", "an attempt may take for ever", BLE, "asyncio.timeout(ATTEMPT_S)", "asyncio.timeout(None)"
    ),
    Mutation(
        "S4",
        "a failure is followed at once",
        BLE,
        "await asyncio.sleep(BACKOFF_S[",
        "await asyncio.sleep(0 * BACKOFF_S[",
    ),
    Mutation(
        "S4",
        "an odd error ends the watch",
        BLE,
        "except Exception as error:  # noqa",
        "except OSError as error:  # noqa",
    ),
    Mutation("S4", "a scan may hang", FINDER, "asyncio.timeout(ANSWER_S)", "asyncio.timeout(None)"),
    Mutation(
        "S4", "connects go side by side", BLE, "async with self.finder.lock:", "async with asyncio.Lock():"
    ),
    Mutation(
        "S4",
        "a subscription is made but once",
        BLE,
        "await self._subscribe(client)\n",
        "await (self._subscribe(client) if not self._heard else asyncio.sleep(0))\n",
    ),
    Mutation("S5", "what is frozen is used for 20 s", WITNESS, "FROZEN_S = 10.0", "FROZEN_S = 20.0"),
    Mutation(
        "S5", "what is frozen is used all the same", INTAKE, "    if health.frozen:\n", "    if False:\n"
    ),
    Mutation(
        "S6",
        "contact is not looked at",
        "pacer/gatt/heart_rate.py",
        "None if contact is False else bpm",
        "bpm",
    ),
    Mutation("S7", "nearly refused passes as ok", HEALTH, "WEAK_RATIO = 0.5", "WEAK_RATIO = 0.9"),
    Mutation("S8", "a pod may be off by 40 %", WITNESS, "APART = 0.15", "APART = 0.40"),
    Mutation(
        "S8", "who is off is named ever anew", WITNESS, "if pod.disagrees or abs(off) <", "if abs(off) <"
    ),
    Mutation(
        "L1",
        "a name will do for an address",
        FINDER,
        'if spec.pin == "name":\n',
        "if spec.advertised is not None:\n",
    ),
    Mutation("L2", "nobody is paired with", BLE, 'pair=self.spec.pin == "bond"', "pair=False"),
    Mutation(
        "L2", "an open sensor is not shown as such", HEALTH, 'open=self.spec.pin == "name"', "open=False"
    ),
    Mutation("L3", "who is 31 % faster is not told of", WITNESS, "APART = 0.15", "APART = 0.40"),
    Mutation(
        "L3",
        "cues go on while it is not known who is right",
        "pacer/tick.py",
        "if any(witness.doubtful(",
        "if False and any(witness.doubtful(",
    ),
    Mutation(
        "B1",
        "fields may lie beyond the end",
        "pacer/gatt/fields.py",
        "if self._next > len(self._data):",
        "if False:",
    ),
    Mutation(
        "B2",
        "a library's error goes through",
        "pacer/files/guard.py",
        "        except Exception as error:  # noqa",
        "        except OSError as error:  # noqa",
    ),
    Mutation("B3", "runners fly", PLAUSIBILITY, '{"runner": 12.5,', '{"runner": 125.0,'),
    Mutation(
        "B3",
        "what is not finite is let in",
        PLAUSIBILITY,
        "(math.isfinite(value) and low <= value <= high)",
        "not (value < low or value > high)",
    ),
    Mutation(
        "B5",
        "the key is not told",
        "pacer/schema.py",
        'said = f"{key} = {_short.repr(value)}" if key else',
        "said =",
    ),
    Mutation(
        "B6", "a text may be as long as it likes", MARKUP, "    _refuse_long_stretches(body, where)\n", ""
    ),
    Mutation(
        "B6",
        "a recording may be all noise",
        "pacer/recording.py",
        "if unusable > MAX_UNUSABLE:",
        "if False:",
    ),
)
