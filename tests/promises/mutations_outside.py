"""Ways to break what others may do and see: on the broker, on the page, in the logs."""

from __future__ import annotations

from tests.promises.mutation import Mutation

TOPICS, SINK, SERVER = "pacer/topics.py", "pacer/sinks/mqtt.py", "pacer/display/server.py"
ENGINE, PAGE = "pacer/engine.py", "pacer/display/page/display.js"

OUTSIDE = (
    Mutation(
        "B2",
        "impossible values are let in",
        "pacer/files/tidy.py",
        "if math.isfinite(value) and low <= value <= high:",
        "if math.isfinite(value):",
    ),
    Mutation(
        "B6", "messages are read without end", "pacer/files/fit.py", "if count > MAX_FIELDS:", "if False:"
    ),
    Mutation(
        "B6",
        "elements of no use stay in memory",
        "pacer/files/markup.py",
        "if count > (MAX_BETWEEN if whole is None else MAX_INSIDE):",
        "if False:",
    ),
    Mutation(
        "B4",
        "unknown keys are let be",
        TOPICS,
        "if unknown := set(body) - allowed:",
        "if unknown := set(body) - set(body):",
    ),
    Mutation(
        "B4", "control characters go to the screen", TOPICS, 'f"{key!r:.60}" for key', 'f"{key:.60}" for key'
    ),
    Mutation("B4", "a refused command is not counted", SINK, "            self.refused_commands += 1\n", ""),
    Mutation(
        "B4",
        "errors that nobody waits for are left",
        "pacer/dial.py",
        "        future.add_done_callback(_look)\n",
        "        pass\n",
    ),
    Mutation(
        "M6", "nobody says goodbye", SINK, "                await self._tell(client, online=False)\n", ""
    ),
    Mutation(
        "L4",
        "a bug's words are logged",
        ENGINE,
        'logger.debug("its words: %s", error)',
        'logger.info("its words: %s", error)',
    ),
    Mutation(
        "L4", "recordings are open to all", "pacer/recorder.py", "os.O_EXCL, 0o600))", "os.O_EXCL, 0o644))"
    ),
    Mutation("W2", "any name will do", SERVER, "if not ours(", "if False and not ours("),
    Mutation("W2", "a page may be framed", SERVER, "; frame-ancestors 'none'\"", '"'),
    Mutation(
        "W2",
        "names are taken for markup",
        PAGE,
        "$(id).textContent = text; };",
        '$(id).innerHTML = `${text}${frame?.cue ?? ""}`; };',
    ),
    Mutation(
        "W2",
        "the page takes orders",
        SERVER,
        '    app.router.add_get("/events", _events(board))\n',
        '    app.router.add_get("/events", _events(board))\n'
        '    app.router.add_post("/events", _events(board))\n',
    ),
)
