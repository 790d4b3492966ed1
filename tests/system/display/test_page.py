"""The rider's page in a real browser, over a real Mosquitto and over the embedded broker, in real time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

from pacer.broker import embedded
from pacer.clock import BootClock
from pacer.dial import Broker
from pacer.display.program import Options, showing
from pacer.tones import TONES
from tests.support.chromium import Chromium, Tab
from tests.support.engine import Engine, engine
from tests.support.mosquitto import Mosquitto
from tests.support.mqtt import free_port

ROOT = Path(__file__).parents[3]
# Kept for a person to look at; PACER_ACCEPT=1 puts them where README shows them.
SHOTS = ROOT / "tests" / "golden" if os.environ.get("PACER_ACCEPT") else ROOT / "build" / "screens"
GREY_S = 2.0  # s: what the page promises

LIVE = "document.body.dataset.standing === 'live'"
GREY = "document.body.className === 'grey'"


def word(text: str) -> str:
    return f"document.getElementById('word').textContent === '{text}'"


@contextlib.asynccontextmanager
async def page(browser: Chromium, port: int, phones: int = 1) -> AsyncIterator[list[Tab]]:
    """Runs a display and opens it on phones."""
    async with (
        showing(Options(Broker("127.0.0.1", port), port=0), BootClock()) as at,
        browser.tabs(phones) as tabs,
    ):
        for tab in tabs:
            await tab.goto(f"http://127.0.0.1:{at}/")
        yield tabs


async def settled(*tabs: Tab) -> None:
    """Waits until the page is live and has listened long enough for cues."""
    for tab in tabs:
        await tab.until(LIVE)
    await asyncio.sleep(1.1)


async def shows_only_fresh_cues(one: Engine, phones: list[Tab]) -> None:
    """Gives a cue that is too old, then one that is not: every phone shows the second alone."""
    await settled(*phones)
    await phones[0].js(WATCH)
    await phones[0].js("document.body.click()")
    await phones[0].until("document.getElementById('sound').textContent === 'sound is on'")
    one.cue("press", age_s=3.5)
    await asyncio.sleep(0.3)
    one.cue("ease")
    for phone in phones:
        await phone.until(word("EASE"))
        assert await phone.js("document.body.className") == "ease cued known"
        assert await phone.text("seconds") == "+1.2"
        assert (await phone.text("asked"), await phone.text("ridden")) == ("20.7", "20.9")
        assert (await phone.text("lap"), await phone.text("togo")) == ("LAP 3/4", "789 m")
    assert not [look for look in await looks(phones[0]) if "press" in look[0]]
    assert await phones[0].js("document.body.dataset.played") == "ease"


async def greys_when_frozen(one: Engine, phones: list[Tab]) -> None:
    """Freezes the engine: within 2 s no number stands there; thawed, all is back."""
    taken: list[float] = []
    while not taken or (
        min(taken) > GREY_S and len(taken) < 3
    ):  # a busy machine may hold us up, not each time
        await phones[0].until(LIVE)
        await phones[0].js(WATCH)
        frozen = time.time()
        one.freeze()
        await phones[0].until(GREY)
        taken.append(next(at for name, at in await looks(phones[0]) if name == "grey") - frozen)
        for phone in phones:
            await phone.until(GREY)
            assert {await phone.text(name) for name in ("asked", "ridden", "seconds", "togo")} == {"—"}
        # a page that heard nothing says so by itself first; what its server knows follows
        await phones[0].until("document.getElementById('side').textContent.startsWith('pacer is silent for')")
        one.thaw()
    assert min(taken) <= GREY_S
    for phone in phones:
        await phone.until(LIVE)


# Notes each change of the page's look with the browser's own clock.
WATCH = """
window.told = [];
window.watch?.disconnect();
window.watch = new MutationObserver(() =>
    told.push([document.body.className, (performance.timeOrigin + performance.now()) / 1000]));
watch.observe(document.body, {attributes: true, attributeFilter: ["class"]});
true
"""


async def looks(phone: Tab) -> list[tuple[str, float]]:
    """Lists the page's looks since `WATCH`, and when (Unix s) each began."""
    return [(name, at) for name, at in json.loads(await phone.js("JSON.stringify(told)"))]


async def test_two_phones_over_mosquitto(browser: Chromium, broker: Mosquitto, voice: Engine) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    async with page(browser, broker.port, 2) as phones:
        await phones[1].size(915, 412)
        await shows_only_fresh_cues(voice, phones)
        for phone, name in zip(phones, ("portrait", "landscape"), strict=True):
            await phone.shot(SHOTS / f"display-{name}.png")
            assert await phone.js(OVERFLOWING) == []
            assert await phone.js(WIDE + OVERFLOWING) == []
        await greys_when_frozen(voice, phones)
        voice.freeze()
        for phone, name in zip(phones, ("silent-portrait", "silent-landscape"), strict=True):
            await phone.until(GREY)
            await phone.shot(SHOTS / f"display-{name}.png")
            assert await phone.js(OVERFLOWING) == []
        voice.thaw()


async def test_a_restarted_mosquitto_is_live_again(
    browser: Chromium, broker: Mosquitto, voice: Engine
) -> None:
    del voice
    async with page(browser, broker.port) as (phone,):
        await phone.until(LIVE)
        broker.stop()
        await phone.until("document.body.dataset.standing === 'reconnecting'")
        assert await phone.js("document.body.className") == "grey"
        assert await phone.text("side") == "broker lost: reconnecting"
        broker.start()
        await phone.until(LIVE)


async def test_a_phone_over_the_embedded_broker_and_after_its_restart(browser: Chromium) -> None:
    port = free_port()
    async with page(browser, port) as (phone,):
        with engine(port, "3.1.1") as one:
            async with embedded(port):
                await shows_only_fresh_cues(one, [phone])
                await greys_when_frozen(one, [phone])
            await phone.until("document.body.dataset.standing === 'reconnecting'")
            async with embedded(port):
                await phone.until(LIVE)


async def test_a_page_whose_server_is_gone_says_so_and_finds_it_again(
    browser: Chromium, broker: Mosquitto, voice: Engine
) -> None:
    del voice
    options = Options(Broker("127.0.0.1", broker.port), port=free_port())
    async with browser.tabs() as (phone,):
        async with showing(options, BootClock()):
            await phone.goto(f"http://127.0.0.1:{options.port}/")
            await phone.until(LIVE)
        await phone.until("document.body.dataset.standing === 'lost'")
        assert await phone.js("document.body.className") == "grey"
        async with showing(options, BootClock()):
            await phone.until(LIVE)


# Texts that do not fit their place, or the screen.
# The widest that a gap is told: of a runner who is out of sight.
WIDE = """
document.getElementById("seconds").textContent = "\u221212.3";
document.getElementById("side").textContent = "s runner behind";
"""
OVERFLOWING = """
[...document.querySelectorAll("main span, main div, footer *")].filter((e) => {
    const box = e.getBoundingClientRect();
    const room = (e.closest("section") ?? document.body).getBoundingClientRect();
    return e.textContent && box.width && (box.left < room.left - 1 || box.right > room.right + 1
        || box.top < room.top - 1 || box.bottom > room.bottom + 1);
}).map((e) => e.id || e.className)
"""


async def test_frames_that_the_network_held_back_are_not_shown(browser: Chromium, broker: Mosquitto) -> None:
    async with page(browser, broker.port) as (phone,):
        assert json.loads(await phone.js(LAST_HOP)) == [
            ["live", "ease", True],  # as fresh as the quickest so far
            ["live", None, False],  # 0.4 s late: its cue had 0.3 s left
            ["silent", None, None],  # 1.2 s late, of a state that was 0.4 s old when it was sent
            ["lost", None, None],  # 1.6 s late
            ["live", "ease", True],
        ]


# Judges frames that come with one delay after the other, as the page does: the first is the usual one.
LAST_HOP = """
(async () => {
    const {Offset, visible} = await import("/display.js"), offset = new Offset();
    const like = {standing: "live", age_s: 0.4, word: "ease", from_cue: true, cue_left_s: 0.3, says: ""};
    return JSON.stringify([0, 0.4, 1.2, 1.6, 0].map((late, i) => {
        const at = 100 + 10 * i, now = 7000 + at + 0.03 + late;
        offset.hear(at, now);
        const view = visible({...like, at}, offset, now, 1.5);
        return [view.standing, view.word ?? null, view.from_cue ?? null];
    }));
})()
"""


async def test_every_colour_has_a_contrast_of_seven(browser: Chromium, broker: Mosquitto) -> None:
    async with page(browser, broker.port) as (phone,):
        tints = json.loads(await phone.js(TINTS))
    assert len(tints) == 3
    for tint in (*tints, "#a4a4a4"):
        assert contrast_to_black(tint) >= 7.0


TINTS = """
JSON.stringify(["ease", "hold", "press"].map((name) => {
    document.body.className = name;
    return getComputedStyle(document.body).getPropertyValue("--tint").trim();
}))
"""


def contrast_to_black(colour: str) -> float:
    """Returns the contrast ratio as WCAG 2.2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05) / 0.05


async def test_tones_have_the_pitch_and_the_pattern_that_say_what_to_do(
    browser: Chromium, broker: Mosquitto
) -> None:
    async with page(browser, broker.port) as (phone,):
        for name in ("ease", "hold", "press"):
            notes = [vars_of(note) for note in TONES[name]]
            heard = json.loads(await phone.js(RENDER % json.dumps(notes)))
            assert [round(hz, -1) for hz in heard] == [round(note["hz"], -1) for note in notes]


def vars_of(note: object) -> dict[str, float]:
    return {name: getattr(note, name) for name in ("hz", "at_s", "s", "level")}


# Renders a tone with the page's own function, and counts the rises through zero within each note.
RENDER = """
(async () => {
    const notes = %s, rate = 44100, context = new OfflineAudioContext(1, rate, rate);
    (await import("/display.js")).sound(context, notes, 0);
    const samples = (await context.startRendering()).getChannelData(0);
    return JSON.stringify(notes.map((note) => {
        const from = Math.round((note.at_s + 0.01) * rate);
        const to = Math.round((note.at_s + note.s - 0.02) * rate);
        let rises = 0, first = 0, last = 0;
        for (let i = from; i < to; i++) if (samples[i - 1] < 0 && samples[i] >= 0) {
            rises++; first ||= i; last = i;
        }
        return (rises - 1) * rate / (last - first);
    }));
})()
"""
