"""The whole device in virtual time: sink, embedded broker, WAV; what it holds is measured, not believed."""

from __future__ import annotations

import asyncio
import shutil
import wave
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pacer import cli
from pacer.audio import out
from pacer.audio.out import AplayOut, WavOut
from pacer.audio.program import LINGER_S, Options, run_audio
from pacer.audio.synth import RATE_HZ, Samples, synthesize
from pacer.audio.words import speak
from pacer.broker import embedded
from pacer.clock import LoopClock, run_virtual
from pacer.dial import Broker
from pacer.errors import HardwareError, InputError
from pacer.inputs import Input
from pacer.sinks.mqtt import MqttOptions, MqttSink
from pacer.tones import TONES
from pacer.units import MILE_M
from tests.support import states
from tests.support.data import missing
from tests.support.mqtt import running, until

RUN_S = 45.0  # s of a run that begins 250 m into the last but one lap


def needs_espeak() -> None:
    if shutil.which("espeak-ng") is None:
        missing("espeak", "no espeak-ng (apt install espeak-ng)")


def read(path: Path) -> Samples:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE_HZ)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / np.float32(32767)


def found(heard: Samples, sound: Samples) -> list[float]:
    """Finds when a sound begins in a recording, s: where the correlation with it is next to perfect."""
    size = 1 << (heard.size + sound.size).bit_length()
    like = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(sound, size)), size)[: heard.size]
    like = like / np.dot(sound, sound)
    near = np.flatnonzero(like > 0.9)
    groups = np.split(near, np.flatnonzero(np.diff(near) > RATE_HZ // 10) + 1) if near.size else []
    return [float(group[np.argmax(like[group])]) / RATE_HZ for group in groups]


async def run(sink: MqttSink, seconds: float, events: dict[int, Callable[[float], None]]) -> None:
    """Publishes a run at the even split; `events` happen at their second."""
    loop = asyncio.get_running_loop()
    for i in range(round(seconds * 10)):
        t = round(loop.time(), 6)
        if i % 10 == 0 and i // 10 in events:
            events[i // 10](t)
        lap = 3 if i < 200 else 4
        sink.offer(replace(states.state(cue=None), t=t, elapsed_s=100.0 + i / 10, lap=lap))
        await asyncio.sleep(0.1)
    sink.offer(replace(states.state(cue=None), t=round(loop.time(), 6), phase="finished"))


def record(path: Path, *, words: bool) -> tuple[float, Samples]:
    """Records a run; returns when its clock said 100 s, on the WAV's own time, and what the WAV holds."""
    began: list[float] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        async with embedded() as address:
            sink = MqttSink(
                MqttOptions(address.host, address.port, protocols=("3.1.1",)), LoopClock(), lambda: 0.0
            )
            options = Options(Broker(address.host, address.port), path, beat_m=100.0, words=words)
            zero = loop.time()
            audio = asyncio.create_task(run_audio(options, LoopClock(), lambda _: None))
            async with running(sink.run(_ignore)):
                await until(lambda: sink.link == "connected")
                await asyncio.sleep(1.0)
                began.append(loop.time() - zero)
                events: dict[int, Callable[[float], None]] = {
                    5: lambda t: sink.offer(states.cue(t, seq=1, to="runner", word="press")),
                    10: lambda t: sink.offer(states.cue(t, seq=2, to="runner", word="hold")),
                    15: lambda t: sink.offer(states.cue(t, seq=3, to="rider", word="ease")),
                    30: lambda t: sink.offer(replace(states.split(3, gap_s=1.2), t=t)),
                }
                await run(sink, RUN_S, events)
                await audio

    run_virtual(main())
    return began[0], read(path)


def _ignore(item: Input) -> None:
    raise AssertionError(f"nobody asked for {item}")


def test_the_wav_holds_each_tone_at_its_time_and_nothing_else(tmp_path: Path) -> None:
    zero, heard = record(tmp_path / "run.wav", words=False)
    assert heard.size / RATE_HZ == pytest.approx(zero + RUN_S + LINGER_S, abs=0.3)
    assert found(heard, synthesize(TONES["press"])) == pytest.approx([zero + 5], abs=0.02)
    assert found(heard, synthesize(TONES["hold"])) == pytest.approx([zero + 10], abs=0.02)
    assert found(heard, synthesize(TONES["bell"])) == pytest.approx([zero + 20], abs=0.02)
    cruise = MILE_M / (states.TARGET_S - 1.3)
    beats = [
        100 * n / cruise + 1.3 - 100.0 + zero for n in (6, 7, 8)
    ]  # the clock says 100 s at the beginning
    beats = [at for at in beats if zero + 1 < at < zero + RUN_S]
    assert len(beats) >= 2
    assert found(heard, synthesize(TONES["beat"])) == pytest.approx(beats, abs=0.02)
    told = ((5, "press"), (10, "hold"), (20, "bell"), *((at - zero, "beat") for at in beats))
    for at, name in told:
        first = round((zero + at - 0.05) * RATE_HZ)
        heard[first : first + synthesize(TONES[name]).size + RATE_HZ // 10] = 0.0  # type: ignore[index]
    assert not heard.any()


def test_splits_and_the_last_lap_are_spoken(tmp_path: Path) -> None:
    needs_espeak()
    zero, heard = record(tmp_path / "run.wav", words=True)
    assert found(heard, speak("69.8, 1.2 ahead")) == pytest.approx([zero + 30], abs=0.05)
    (said,) = found(heard, speak("last lap"))
    assert zero + 21 < said < zero + 24


def test_aplay_plays_where_the_system_has_a_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("aplay") is None:
        missing("aplay", "no aplay (apt install alsa-utils)")
    played = tmp_path / "played.raw"
    card = (
        f'pcm.!default {{ type file file "{played}" format raw slave.pcm null }}\npcm.null {{ type null }}\n'
    )
    (tmp_path / "asound.conf").write_text(card)
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "asound.conf"))
    monkeypatch.setattr(out, "_card", lambda: None)
    tone = synthesize(TONES["hold"])

    async def main() -> None:
        async with out.opened(None, LoopClock()) as aplay:
            assert isinstance(aplay, AplayOut)
            aplay.play(tone)
            await asyncio.gather(*aplay._playing)

    asyncio.run(main())
    heard = np.frombuffer(played.read_bytes(), "<i2").astype(np.float32) / np.float32(32767)
    assert found(heard, tone) == pytest.approx([0.0], abs=0.01)


def test_without_a_card_it_says_so_and_names_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(out, "_card", lambda: None)
    monkeypatch.setenv("PATH", "")

    async def main() -> None:
        async with out.opened(None, LoopClock()):
            pass

    with pytest.raises(HardwareError, match="--wav"):
        asyncio.run(main())


def test_a_wav_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    async def main() -> None:
        async with out.opened(tmp_path / "no" / "x.wav", LoopClock()):
            pass

    with pytest.raises(InputError, match=r"x\.wav"):
        asyncio.run(main())


def test_a_wav_that_is_cut_short_keeps_what_was_heard(tmp_path: Path) -> None:
    tone = synthesize(TONES["hold"])

    async def main() -> None:
        async with out.opened(tmp_path / "x.wav", LoopClock()) as wav:
            assert isinstance(wav, WavOut)
            await asyncio.sleep(1.0)
            wav.play(tone)
            wav.play(tone)
            await asyncio.sleep(1.0)

    run_virtual(main())
    heard = read(tmp_path / "x.wav")
    assert heard.size == 2 * RATE_HZ
    assert np.abs(heard[:RATE_HZ]).max() == 0.0
    assert np.abs(heard[RATE_HZ:]).max() > 0.99  # both, clipped


def test_the_command_without_a_card_ends_with_3_and_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(out, "_card", lambda: None)
    monkeypatch.setenv("PATH", "")
    assert cli.main(["audio", "--no-words"]) == 3
    assert capsys.readouterr().err == "pacer: no sound card: --wav FILE writes what would be heard\n"
