"""Who may ask, what browsers are told, and how many are served."""

from __future__ import annotations

import json
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from cryptography import x509

from pacer.clock import BootClock
from pacer.display import certificate, server
from pacer.display.feed import Feed
from pacer.display.hosts import addresses, host_name, ours
from pacer.display.server import Board, application, serving
from pacer.errors import HardwareError, InputError

EXTRA = ("Pi.Example",)


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost:8080", "localhost"),
        ("LOCALHOST", "localhost"),
        ("a.example.", "a.example"),
        ("192.0.2.7:80", "192.0.2.7"),
        ("[::1]:80", "::1"),
        ("[2001:DB8:0::1]", "2001:db8::1"),
        ("a:80b", None),
        ("[nonsense]", None),
        ("", None),
    ],
)
def test_host_name(host: str, name: str | None) -> None:
    assert host_name(host) == name


def test_own_names_and_addresses_are_ours_and_others_are_not() -> None:
    name = socket.gethostname().lower()
    for host in (*addresses(), name, f"{name.partition('.')[0]}.local", "pi.example", "PI.EXAMPLE:99"):
        in_url = f"[{host}]" if host.count(":") > 1 else host
        assert ours(in_url, EXTRA)
    for stranger in ("", "evil.example", "192.0.2.255", "local", "localhost.evil.example", "[::2]"):
        assert not ours(stranger, EXTRA)
    assert not ours(None, EXTRA)
    assert ours("198.51.100.9:8080", (), reached="198.51.100.9")
    assert ours("198.51.100.9:8080", (), reached="::ffff:198.51.100.9")


def board() -> Board:
    return Board(BootClock(), Feed())


async def read_event(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    async for line in answer.content:
        if line.startswith(b"data: {"):
            event: dict[str, Any] = json.loads(line[6:])
            return event
    raise EOFError


async def test_a_page_gets_the_settings_and_then_frames_though_nothing_happens() -> None:
    async with (
        serving(application(board(), ()), "127.0.0.1", 0, None) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
        http.get("/events") as answer,
    ):
        settings = await read_event(answer)
        assert settings["silent_s"] < 2.0
        assert set(settings["tones"]) >= {"ease", "hold", "press"}
        frames = [await read_event(answer) for _ in range(2)]
        assert [frame["standing"] for frame in frames] == ["connecting"] * 2
        assert frames[1]["at"] > frames[0]["at"]


async def test_too_many_pages_are_refused_and_a_closed_one_makes_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server, "VIEWERS_MAX", 1)
    async with (
        serving(application(board(), ()), "127.0.0.1", 0, None) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
    ):
        async with http.get("/events") as first:
            await read_event(first)
            async with http.get("/events") as second:
                assert second.status == 503
        status = 503
        while status == 503:
            async with http.get("/events") as again:
                status = again.status
        assert status == 200


async def test_a_port_that_is_taken_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(HardwareError, match=f"127.0.0.1, port {port}"):
            async with serving(application(board(), ()), "127.0.0.1", port, None):
                pass


def test_certificate_is_kept_renewed_and_covers_the_names(tmp_path: Path) -> None:
    names = ["localhost", "pi.local", "192.0.2.7", "2001:db8::1"]
    _, mark = certificate.context(tmp_path, names)
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    leaf = x509.load_pem_x509_certificates(file.read_bytes())[0]
    covered = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert covered.get_values_for_type(x509.DNSName) == names[:2]
    assert [str(ip) for ip in covered.get_values_for_type(x509.IPAddress)] == names[2:]
    assert certificate.context(tmp_path, names)[1] == mark
    assert certificate.context(tmp_path, names, datetime.now(UTC) + timedelta(days=380))[1] != mark
    file.write_text("nonsense")
    assert certificate.context(tmp_path, names)[1] != mark
    assert certificate.context(tmp_path, [*names, "other.local"])[1] != mark


def test_a_certificate_that_cannot_be_kept_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="certificate"):
        certificate.context(tmp_path / "file", ["localhost"])


async def test_https_serves_by_that_certificate(tmp_path: Path) -> None:
    tls, _ = certificate.context(tmp_path, ["127.0.0.1"])
    (file,) = tmp_path.iterdir()  # noqa: ASYNC240 - nothing else waits meanwhile
    trusts = ssl.create_default_context()
    trusts.load_verify_locations(file)
    trusts.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # the leaf alone is known, as a phone knows it
    async with (
        serving(application(board(), ()), "127.0.0.1", 0, tls) as port,
        aiohttp.ClientSession() as http,
        http.get(f"https://127.0.0.1:{port}/", ssl=trusts) as answer,
    ):
        assert answer.status == 200
