"""W2: the rider's page is reached by our own names alone, runs nothing foreign, and changes nothing."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import aiohttp
import pytest

from pacer.clock import BootClock
from pacer.display import server
from pacer.display.feed import Feed
from pacer.display.server import Board, application, serving
from pacer.heard import Said
from pacer.topics import Tree, message
from tests.promises.promised import Measured, Promise
from tests.support import states
from tests.support.chromium import Chromium, chromium
from tests.support.mqtt import running

W2 = Promise(
    "W2",
    "the rider's page is reached by our own names alone, runs nothing foreign, and changes nothing",
    "403 for others; a policy of `default-src 'none'`; nothing but GET",
)
OURS = ("127.0.0.1:{port}", "localhost:{port}", "pi.example")
STRANGE = ("evil.example", "evil.example:{port}", "127.0.0.1.evil.example", "192.0.2.7", "", "[::2]")
PATHS = (*server.PAGES, "/events", "/nothing")
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "connect-src": "'self'",
    "img-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
# What somebody on the broker may call his run: markup, an attribute's end, a script's end, a template.
HOSTILE = (
    "<script>document.title='run'</script>",
    '"><img src=x onerror="document.title=\'run\'">',
    "</script><svg onload=\"document.title='run'\">",
    "javascript:document.title='run'//${document.title='run'}{{7*7}}",
)


def board() -> Board:
    return Board(BootClock(), Feed())


@W2
async def test_w2_a_strange_host_gets_403_everywhere_and_ours_the_page(measured: Measured) -> None:
    async with (
        serving(application(board(), ("Pi.Example",)), None, 0, None) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
    ):
        for path, host in itertools.product(PATHS, STRANGE):
            async with http.get(path, headers={"Host": host.format(port=port)}) as answer:
                assert answer.status == 403, (path, host)
                assert "--host" in await answer.text()
        for host in OURS:
            async with http.get("/", headers={"Host": host.format(port=port)}) as answer:
                assert answer.status == 200
    measured(W2, f"{len(PATHS)} addresses under {len(STRANGE)} strange names: refused")


@W2
async def test_w2_every_answer_forbids_what_is_foreign() -> None:
    async with (
        serving(application(board(), ()), "127.0.0.1", 0, None) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
    ):
        for path, host in itertools.product(PATHS, ("localhost", "evil.example")):
            async with http.get(path, headers={"Host": host}) as answer:
                said = answer.headers["Content-Security-Policy"].split("; ")
                assert dict(rule.split(" ", 1) for rule in said) == POLICY
                assert answer.headers["X-Content-Type-Options"] == "nosniff"


class Page(HTMLParser):
    """Gathers what a page would load, and what of it would run or dress up by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.inline: list[str] = []
        self._within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._within = tag
        for name, value in attrs:
            if name in {"src", "href", "srcset", "action", "data"}:
                self.loads.append(value or "")
            if name.startswith("on") or name == "style":
                self.inline.append(f"{tag} {name}")

    def handle_data(self, data: str) -> None:
        if self._within in {"script", "style"} and data.strip():
            self.inline.append(data)


@W2
async def test_w2_the_page_takes_nothing_from_elsewhere_and_has_no_script_of_its_own() -> None:
    async with (
        serving(application(board(), ()), "127.0.0.1", 0, None) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
    ):
        texts = {path: await (await http.get(path)).text() for path in server.PAGES}
    page = Page()
    page.feed(texts["/"])
    assert page.inline == []
    assert set(page.loads) == set(server.PAGES) - {"/"}
    for text in texts.values():
        assert "//" not in text.replace("http://www.w3.org/2000/svg", "").replace("// ", "")


@W2
async def test_w2_nothing_can_be_changed_through_the_page(measured: Measured) -> None:
    asked = list(itertools.product(("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"), PATHS))
    async with (
        serving(application(board(), ()), "127.0.0.1", 0, None) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
    ):
        for method, path in asked:
            async with http.request(method, path, data=b'{"verb":"stop"}') as answer:
                assert answer.status in {404, 405}, (method, path)
    measured(W2, f"{len(asked)} ways to change something: refused")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with chromium(tmp_path_factory.mktemp("chromium")) as one:
        yield one


async def live(to: Board, name: str) -> None:
    """Tells a board ten states a second of a run of that name, and a cue with each."""
    tree, clock = Tree("run", name), BootClock()
    for seq in itertools.count(1):
        now = clock.now()
        for output in (replace(states.state(), t=now), states.cue(now, seq=seq)):
            said = message(output, tree, seq)
            assert said
            to.hear(Said(tuple(said.topic.split("/")[3:]), said.payload, retain=False, now=now))
        await asyncio.sleep(0.1)


@W2
async def test_w2_hostile_names_are_only_names(browser: Chromium, measured: Measured) -> None:
    found = await asyncio.gather(*(shown_as(browser, name) for name in HOSTILE))
    assert found == [{"title": "pacer", "scripts": 1, "images": 0, "handlers": 0}] * len(HOSTILE)
    measured(W2, f"{len(HOSTILE)} hostile names: nothing but names")


async def shown_as(browser: Chromium, name: str) -> dict[str, object]:
    """Shows a run of that name on a phone, and returns what the page has become."""
    shown = board()
    shown.link = lambda: "connected"
    async with (
        serving(application(shown, ()), "127.0.0.1", 0, None) as port,
        browser.tabs() as (phone,),
        running(live(shown, name)),
    ):
        await phone.goto(f"http://127.0.0.1:{port}/")
        await phone.until("document.getElementById('word').textContent === 'EASE'")
        found: dict[str, object] = json.loads(await phone.js(FOUND))
    assert shown.feed.state
    assert shown.feed.state.run == name
    return found


FOUND = """
JSON.stringify({
    title: document.title,
    scripts: document.scripts.length,
    images: document.images.length,
    handlers: [...document.querySelectorAll("*")].filter((e) =>
        e.getAttributeNames().some((name) => name.startsWith("on"))).length,
})
"""


@W2
async def test_w2_the_browser_itself_refuses_a_foreign_script(browser: Chromium) -> None:
    """Asks the page, as an injected line could, to run and load what is not ours."""
    async with serving(application(board(), ()), "127.0.0.1", 0, None) as port, browser.tabs() as (phone,):
        await phone.goto(f"http://127.0.0.1:{port}/")
        assert json.loads(await phone.js(TRIED)) == ["connect-src", "img-src", "script-src-elem"]
        assert await phone.js("document.title") == "pacer"


TRIED = """
(async () => {
    const refused = [];
    document.addEventListener("securitypolicyviolation", (e) => refused.push(e.effectiveDirective));
    const script = document.createElement("script");
    script.textContent = "document.title = 'run'";
    document.body.append(script);
    new Image().src = "http://192.0.2.7/x.png";
    try { await fetch("http://192.0.2.7/"); } catch {}
    await new Promise((done) => setTimeout(done, 100));
    return JSON.stringify(refused.sort());
})()
"""
