"""What a tone holds, by its spectrum."""

from __future__ import annotations

import io
import wave

import numpy as np
import pytest

from pacer.audio.synth import RATE_HZ, Samples, from_wav, mix, synthesize, to_pcm
from pacer.errors import InputError
from pacer.tones import STRIKE_HZ, TONES, Note


def loudest_hz(samples: Samples) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size), 1 << 17))
    return float(np.argmax(spectrum)) * RATE_HZ / (1 << 17)


def pitches(name: str) -> list[float]:
    """Finds the pitch of each held note of a tone by its spectrum alone."""
    samples = synthesize(TONES[name])  # type: ignore[index]  # callers name those that exist
    loud = np.convolve(np.abs(samples), np.ones(200) / 200, "same") > 0.1
    edges = np.flatnonzero(np.diff(np.concatenate(([False], loud, [False])).astype(int)))
    return [loudest_hz(samples[a:b]) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def test_pitch_and_pattern_say_what_to_do() -> None:
    ease, hold, press = pitches("ease"), pitches("hold"), pitches("press")
    assert (len(ease), len(hold), len(press)) == (2, 1, 3)
    assert ease[0] > ease[1]
    assert press[0] < press[1] < press[2]
    assert max(ease) < hold[0] < max(press)
    assert ease == pytest.approx([784.0, 523.3], abs=8)
    assert press == pytest.approx([880.0, 1174.7, 1568.0], abs=12)


def test_every_tone_is_loud_and_none_clips_or_clicks() -> None:
    for notes in TONES.values():
        samples = synthesize(notes)
        assert 0.3 < np.abs(samples).max() <= 0.8
        assert abs(samples[0]) < 0.05
        assert abs(samples[-1]) < 0.05


def test_the_bell_rings_six_times_and_dies_away() -> None:
    samples = synthesize(TONES["bell"])
    assert loudest_hz(samples) == pytest.approx(STRIKE_HZ, abs=5)
    level = np.array([np.abs(samples[i : i + 220]).max() for i in range(0, samples.size - 220, 220)])
    level = np.concatenate(([0.0, 0.0], level))
    strokes = [i for i in range(2, level.size) if level[i] > 1.35 * level[i - 2] and level[i] > 0.3]
    assert len([i for n, i in enumerate(strokes) if n == 0 or i - strokes[n - 1] > 10]) == 6
    assert level[-3:].max() < 0.1


def test_mixing_adds_and_what_is_too_loud_is_clipped() -> None:
    one, other = np.full(3, 0.7, np.float32), np.full(5, 0.7, np.float32)
    mixed = mix(one, other)
    assert mixed == pytest.approx([1.4] * 3 + [0.7] * 2)
    assert np.frombuffer(to_pcm(mixed), "<i2").tolist() == [32767] * 3 + [22936] * 2


def test_a_wav_of_another_form_is_refused() -> None:
    def wav(rate: int) -> bytes:
        file = io.BytesIO()
        with wave.open(file, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(rate)
            out.writeframes(to_pcm(synthesize((Note(440.0, 0.0, 0.1),))))
        return file.getvalue()

    assert loudest_hz(from_wav(wav(RATE_HZ))) == pytest.approx(440, abs=12)
    for bad in (wav(8000), b"", b"RIFFnonsense"):
        with pytest.raises(InputError):
            from_wav(bad)
