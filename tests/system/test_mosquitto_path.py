"""The whole path once over a real Mosquitto, in real time: what virtual time and amqtt cannot show."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pacer import demo
from pacer.outputs import Cue
from pacer.sinks.mqtt import MqttOptions
from tests.support import scene
from tests.support.mosquitto import mosquitto
from tests.support.verdict import assert_shown

# He starts far too fast, so that a cue is due as soon as any is given: 12 s after the gun.
HASTY = """
title = "hasty: a quarter too fast"
[runner]
fast_start = 0.25
"""
RUN_S = 28.0  # s: 2 to find the sensors, 3 to the gun, 12 of quiet start, and time for more than one cue


def test_both_devices_show_every_cue_over_mosquitto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "STANDING_S", 2.0)
    monkeypatch.setattr(demo, "COUNTDOWN_S", 1.0)
    file = tmp_path / "hasty.toml"
    file.write_text(HASTY)

    with mosquitto(tmp_path) as broker:
        mqtt = MqttOptions("127.0.0.1", broker.port)
        played = asyncio.run(
            scene.over_the_air(demo.Options(str(file), 1), tmp_path / "recordings", mqtt, RUN_S)
        )

    assert_shown(played)
    assert {cue.word for cue in played.of(Cue)} >= {"ease"}
