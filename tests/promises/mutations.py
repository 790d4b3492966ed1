"""Ways to break the code, each of which a promise's tests must notice: python -m tests.promises --mutate."""

from __future__ import annotations

from tests.promises.mutation import Mutation
from tests.promises.mutations_inputs import INPUTS
from tests.promises.mutations_outputs import OUTPUTS
from tests.promises.mutations_outside import OUTSIDE

RECORDING, RECORDER, ENGINE = "pacer/recording.py", "pacer/recorder.py", "pacer/engine.py"
SINK, RESUME, SESSION = "pacer/sinks/mqtt.py", "pacer/resume.py", "pacer/session.py"

MUTATIONS = (
    *INPUTS,
    *OUTPUTS,
    *OUTSIDE,
    Mutation(
        "R1",
        "an input is acknowledged before it is written",
        RECORDER,
        "written = self._write(fd, data)\n",
        "written, self._later = len(data), getattr(self, '_later', b'') + data\n"
        "        if len(self._later) > 4096:\n"
        "            self._write(fd, self._later)\n"
        "            self._later = b''\n",
    ),
    Mutation("R2", "synced every 10 s", ENGINE, "SYNC_S = 1.0", "SYNC_S = 10.0"),
    Mutation(
        "R2", "checksums are not looked at", RECORDING, 'if raw[:9] != b"%08x "', 'if False and b"%08x "'
    ),
    Mutation(
        "R3",
        "trouble with the disk is raised",
        RECORDER,
        "            self.lost += 1\n",
        "            raise\n",
    ),
    Mutation("R3", "a line follows a torn one", RECORDER, "if self._torn:\n", "if False:\n"),
    Mutation(
        "R3",
        "trouble with the disk is not told",
        ENGINE,
        "if self.recorder.error and self",
        "if False and self",
    ),
    Mutation("R4", "the header is written once", RECORDING, 'line("h", body)] * 2', 'line("h", body)]'),
    Mutation(
        "R4",
        "reading stops at the first damage",
        RECORDING,
        "damage.append(Damage(n, str(error)))\n",
        "damage.append(Damage(n, str(error)))\n            self.other = True\n",
    ),
    Mutation(
        "R5",
        "chance has a say",
        SESSION,
        "self._obey(replace(run, t=item.t), item)",
        "self._obey(replace(run, t=item.t + __import__('random').random() * 1e-9), item)",
    ),
    Mutation(
        "R6",
        "a constant is changed by 1 %",
        "pacer/target.py",
        "START_TAU_S = 1.3\n",
        "START_TAU_S = 1.313\n",
    ),
    Mutation("R7", "the clock of another boot is trusted", RESUME, " and now.boot == last.boot:", ":"),
    Mutation("R7", "an input is lost", RESUME, "    for item in inputs:\n", "    for item in inputs[:-1]:\n"),
    Mutation("R8", "any format is read", RECORDING, 'if body.get("format") != FORMAT:', "if False:"),
    Mutation(
        "M1",
        "an absent broker is an error",
        SINK,
        "except* (aiomqtt.MqttError, OSError) as errors:",
        "except* ZeroDivisionError as errors:",
    ),
    Mutation(
        "M1",
        "it is never tried again",
        SINK,
        "            wait = min(BACK_OFF_MAX_S, 2 * wait)\n",
        "            return\n",
    ),
    Mutation(
        "M2",
        "cues are kept however old",
        SINK,
        "if said.expires is not None and self._clock.now() > said.expires:",
        "if False:",
    ),
    Mutation("M3", "what did not come back is not told", SINK, 'return f"nothing arrives on', 'return f"'),
    Mutation(
        "M3",
        "a refusal has no words",
        "pacer/dial.py",
        'return f"the broker refuses {who}: {words}',
        'return f"',
    ),
    Mutation(
        "M4", "anything may go in the clear", "pacer/dial.py", "if not (mqtt.insecure or", "if not (True or"
    ),
    Mutation(
        "M5",
        "the display may command",
        "configs/acl",
        "\nuser display\n",
        "\nuser display\ntopic write pacer/v1/+/command\n",
    ),
    Mutation(
        "M5", "the coach reads all", "configs/acl", "\nuser coach\n", "\nuser coach\ntopic read pacer/#\n"
    ),
    Mutation(
        "B4", "a bad command ends the link", SINK, "except InputError as error:", "except KeyError as error:"
    ),
    Mutation(
        "M6",
        "there is no last will",
        SINK,
        "will=aiomqtt.Will(last_will.topic, last_will.payload, last_will.qos, last_will.retain)",
        "will=None",
    ),
    Mutation(
        "M6", "the last will is not kept", SINK, "last_will.qos, last_will.retain", "last_will.qos, False"
    ),
    Mutation(
        "M7",
        "commands are always heard",
        SINK,
        "        if self._options.allow_commands:\n            await",
        "        if True:\n            await",
    ),
    Mutation(
        "P1", "nobody says goodbye", SINK, "                await self._tell(client, online=False)\n", ""
    ),
    Mutation(
        "P1",
        "SIGTERM is not heard",
        "pacer/app.py",
        "loop.add_signal_handler(number, engine.stop)",
        "loop.add_signal_handler(signal.SIGINT, engine.stop)",
    ),
    Mutation(
        "P1",
        "Ctrl-C while it starts leaves a traceback",
        "pacer/__main__.py",
        "signal.signal(signal.SIGINT, signal.SIG_DFL)",
        "signal.signal(signal.SIGINT, signal.default_int_handler)",
    ),
    Mutation("P1", "what is closed is not synced", RECORDER, "        self.sync()\n        if", "        if"),
    Mutation("P1", "a part that clings is waited for", ENGINE, "over_t - LAST_WORDS_S", "over_t + 60.0"),
    Mutation(
        "P2",
        "only a broken pipe is outlived",
        ENGINE,
        "except Exception as error:  # whatever a part",
        "except BrokenPipeError as error:  # whatever a part",
    ),
    Mutation("P2", "it is started again at once", ENGINE, "min(failures, len(BACK_OFF_S) - 1)", "0"),
    Mutation(
        "P2",
        "a sink that fails is not told",
        ENGINE,
        "                self._say_deaf(sink.name, error)\n",
        "",
    ),
    Mutation(
        "P3",
        "a bug in the core ends the run",
        ENGINE,
        "except Exception as error:  # noqa: BLE001 - the recording",
        "except OSError as error:  # noqa: BLE001 - the recording",
    ),
    Mutation("P3", "a bug is told each time", ENGINE, "if self._failing != text:", "if True:"),
    Mutation(
        "P6",
        "every input is kept",
        SESSION,
        '        who = getattr(item, "sensor", "clock")\n',
        '        self.__dict__.setdefault("all", []).append((item, bytes(100)))\n'
        '        who = getattr(item, "sensor", "clock")\n',
    ),
    Mutation(
        "P7",
        "a file is left open",
        RECORDING,
        'with path.open("rb") as file:\n            return _parsed(file, str(path))',
        'return _parsed(path.open("rb"), str(path))',
    ),
)
