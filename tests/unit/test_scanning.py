"""`pacer scan` as a person sees it: the table, and lines that a configuration takes as they are."""

from __future__ import annotations

import tomllib
from functools import partial
from typing import TYPE_CHECKING

import pytest

from firmware_sim.peripherals import switch_on
from firmware_sim.radio import Air, Controller
from pacer import config, scanning
from pacer.clock import run_virtual
from pacer.errors import HardwareError, InputError
from pacer.sources.radio import OpenRadio, hci_radio
from pacer.sources.scan import Seen

if TYPE_CHECKING:
    from pathlib import Path

STATIC, RESOLVABLE = "C4:00:00:00:00:01", "5A:00:00:00:00:02"  # two top bits 11 and 01: Core 6.B.1.3.2


def entries(*found: Seen) -> list[dict[str, str]]:
    """Reads the printed lines as TOML, as a configuration would be read."""
    text = "\n".join(scanning.report(list(found)))
    entered: list[dict[str, str]] = tomllib.loads(text[text.index("sensors") :])["sensors"]
    return entered


def scanned(monkeypatch: pytest.MonkeyPatch, *, connect: bool, empty: bool = False) -> None:
    async def run() -> None:
        air = Air()
        if not empty:
            await switch_on(air)
        radio: OpenRadio = partial(hci_radio, Controller("host", air).transport())
        monkeypatch.setattr(scanning, "opener", lambda _radio: radio)
        await scanning.run_scan(3.0, connect=connect, radio=None)

    run_virtual(run())


def test_the_simulators_sensors_make_a_configuration_that_passes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    scanned(monkeypatch, connect=False)
    out = capsys.readouterr().out
    path = tmp_path / "scanned.toml"
    path.write_text(out[out.index("sensors = [") :])
    assert config.check(path) == []
    sensors = {s.kind: (s.role, s.pin, s.address) for s in config.load(path).setup.sensors}
    assert sensors == {
        "footpod": ("runner", "address", "C0:DE:00:00:00:01"),
        "gps": ("runner", "address", "C0:DE:00:00:00:02"),
        "heart_rate": ("runner", "address", "C0:DE:00:00:00:03"),
        "wheel": ("rider", "address", "C0:DE:00:00:00:04"),
    }


def test_the_table_says_services_in_words_and_batteries_when_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scanned(monkeypatch, connect=True)
    out, err = capsys.readouterr()
    row = next(line for line in out.splitlines() if line.startswith("Sim Footpod"))
    assert "running speed and cadence" in row
    assert "dBm" in row
    assert row.endswith("87 %")
    assert "only link" in err  # said before it is taken


def test_nothing_on_the_air_is_said_and_is_no_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scanned(monkeypatch, connect=False, empty=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert "nothing found" in err


def test_a_rotating_address_is_pinned_by_name() -> None:
    phone = Seen("My phone", RESOLVABLE, ("1819",), -50)
    assert entries(phone) == [
        {"name": "gps", "role": "runner", "kind": "gps", "pin": "name", "advertised": "My phone"}
    ]


def test_without_a_name_the_address_is_all_there_is() -> None:
    assert entries(Seen(None, RESOLVABLE, ("1819",), -50))[0]["address"] == RESOLVABLE


def test_two_of_a_kind_get_two_names() -> None:
    found = entries(Seen("A", STATIC, ("180d",), -50), Seen("B", "C4:00:00:00:00:09", ("180d",), -60))
    assert [entry["name"] for entry in found] == ["heart_rate", "heart_rate-2"]


@pytest.mark.parametrize("name", ['say "hi"', "back\\slash", "\x1b[2Jgone", "two\nlines", "Füße 跑"])
def test_no_name_breaks_the_lines_or_moves_the_cursor(name: str) -> None:
    seen = Seen(name, RESOLVABLE, ("1814",), -50)
    assert entries(seen)[0]["advertised"] == name
    assert all(line.isprintable() for line in scanning.report([seen]))


def test_what_pacer_cannot_use_is_listed_but_not_offered() -> None:
    lines = list(scanning.report([Seen("Kettle", STATIC, ("feed",), -50)]))
    assert "Kettle" in lines[1]
    assert "feed" in lines[1]
    assert not any("sensors" in line for line in lines)


def test_a_device_that_could_not_be_read_says_why() -> None:
    lines = list(scanning.report([Seen("Pod", STATIC, ("1814",), -50, problem="did not answer")]))
    assert lines[1].endswith("did not answer")


async def test_an_unknown_radio_is_refused() -> None:
    with pytest.raises(InputError, match="hci:usb:0"):
        await scanning.run_scan(0.1, connect=False, radio="usb")


async def test_a_controller_that_is_not_there_is_missing_hardware() -> None:
    with pytest.raises(HardwareError, match="nowhere"):
        await scanning.run_scan(0.1, connect=False, radio="hci:tcp-client:nowhere")
