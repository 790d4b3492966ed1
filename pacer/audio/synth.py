"""Turns notes into samples: pure."""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pacer.errors import InputError
from pacer.tones import Note

Samples = NDArray[np.float32]  # -1 to 1, mono

RATE_HZ = 22050  # 1/s: what espeak-ng speaks in; the highest partial, 2093 Hz, is far below half of it
EDGE_S = 0.008  # s over which a note comes and goes: shorter is heard as a click
RING_S = 0.25  # s in which a struck note dies to 1/e, as a small bell does
PEAK = 0.8  # of full scale: two sounds at once do not often clip


def synthesize(notes: Sequence[Note]) -> Samples:
    """Renders notes; the loudest sample is `PEAK` times the loudest note's level at most."""
    end = max(note.at_s + note.s for note in notes)
    mixed = np.zeros(round(end * RATE_HZ), np.float32)
    for note in notes:
        part = _note(note)
        first = round(note.at_s * RATE_HZ)
        part = part[: mixed.size - first]
        mixed[first : first + part.size] += part
    return mixed * np.float32(PEAK / max(1.0, float(np.abs(mixed).max())))


def _note(note: Note) -> Samples:
    t = np.arange(round(note.s * RATE_HZ)) / RATE_HZ
    envelope = np.minimum(1.0, np.minimum(t, note.s - t) / EDGE_S)
    if note.rings:
        envelope *= np.exp(-t / RING_S)
    samples: Samples = (note.level * envelope * np.sin(2 * np.pi * note.hz * t)).astype(np.float32)
    return samples


def mix(one: Samples, other: Samples) -> Samples:
    """Adds two sounds that begin together."""
    longer, shorter = (one, other) if one.size >= other.size else (other, one)
    mixed = longer.copy()
    mixed[: shorter.size] += shorter
    return mixed


def to_pcm(samples: Samples) -> bytes:
    """Returns 16-bit samples, little-endian; what is too loud is clipped."""
    return (np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes()


def from_wav(data: bytes) -> Samples:
    """Reads what espeak-ng writes: 16-bit mono at `RATE_HZ`.

    Raises:
        InputError: for anything else.
    """
    try:
        with wave.open(io.BytesIO(data)) as file:
            form = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            frames = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise InputError(f"speech: not a WAV ({error})") from None
    if form != (1, 2, RATE_HZ):
        raise InputError(f"speech: channels, bytes, rate {form}; allowed is (1, 2, {RATE_HZ})")
    return np.frombuffer(frames[: len(frames) // 2 * 2], "<i2").astype(np.float32) / np.float32(32768)
