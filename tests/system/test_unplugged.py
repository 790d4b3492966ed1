"""The assertion on the whole path fails as soon as bleak, MQTT or the estimator is unplugged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bleak import BleakClient, BleakScanner

from pacer import demo, intake
from pacer.estimator.body import Body, Outcome
from pacer.outputs import Output
from pacer.sinks.mqtt import MqttSink
from tests.support import scene
from tests.support.verdict import assert_near_truth, assert_shown

# The erratic solo runner: he is cued often, so the first 80 s after the gun are enough.
SOLO = demo.Options("solo", 1)
LIMIT_S = 100.0  # s of virtual time


def assert_whole_path(recordings: Path) -> None:
    """Plays the start of a run over the air and asserts on what the devices showed, by `seq`."""
    played = scene.play(SOLO, recordings, LIMIT_S)
    assert_shown(played)
    assert_near_truth(played)


async def never(*_: Any, **__: Any) -> None:
    """Does nothing."""


def test_plugged_in_it_holds(tmp_path: Path) -> None:
    assert_whole_path(tmp_path)


def test_without_the_scanner_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BleakScanner, "start", never)
    monkeypatch.setattr(BleakScanner, "stop", never)

    with pytest.raises(AssertionError, match="no cue was sent"):
        assert_whole_path(tmp_path)


def test_without_notifications_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BleakClient, "start_notify", never)

    with pytest.raises(AssertionError, match="no cue was sent"):
        assert_whole_path(tmp_path)


def test_without_mqtt_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def deaf(_sink: MqttSink, _output: Output) -> None:
        """Lets everything fall."""

    monkeypatch.setattr(MqttSink, "offer", deaf)

    with pytest.raises(AssertionError, match="not what was sent"):
        assert_whole_path(tmp_path)


def test_without_the_estimator_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def blind(body: Body, *_: Any, **__: Any) -> tuple[Body, Outcome]:
        return body, Outcome()

    monkeypatch.setattr(intake, "observe", blind)

    with pytest.raises(AssertionError, match="no cue was sent"):
        assert_whole_path(tmp_path)
