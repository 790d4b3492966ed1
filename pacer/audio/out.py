"""Where sound goes: the sound card by PortAudio, else by aplay, or a WAV file; each mixes what overlaps."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import wave
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from pacer.audio.synth import RATE_HZ, Samples, mix, to_pcm
from pacer.clock import Clock
from pacer.errors import HardwareError, InputError

APLAY = ("aplay", "-q", "-t", "raw", "-f", "S16_LE", "-r", str(RATE_HZ), "-c", "1", "-")
TRY_S = 5.0  # s for a sound card to answer


class Out(Protocol):
    """Plays."""

    name: str  # for people

    def play(self, samples: Samples) -> None:
        """Plays from now on."""
        ...


class WavOut:
    """Writes what is played, and the silence between, into a file: its time 0 is when it was opened."""

    def __init__(self, file: wave.Wave_write, clock: Clock) -> None:
        """Begins to count time."""
        self.name = "WAV"
        self._file, self._clock, self._zero = file, clock, clock.now()
        self._written = 0  # samples
        self._rest: Samples = np.zeros(0, np.float32)  # what is playing still

    def play(self, samples: Samples) -> None:
        """Mixes a sound in at this instant."""
        self.flush()
        self._rest = mix(self._rest, samples)

    def flush(self) -> None:
        """Writes what was heard until now; nothing can be added to that any more."""
        due = round((self._clock.now() - self._zero) * RATE_HZ) - self._written
        heard = self._rest[:due]
        self._file.writeframes(to_pcm(heard) + bytes(2 * max(0, due - heard.size)))
        self._rest = self._rest[due:]
        self._written += due


class CardOut:
    """Plays through PortAudio, whose own thread asks for samples as the card needs them."""

    def __init__(self, device: str) -> None:
        """Begins with silence."""
        self.name = device
        self._new: deque[Samples] = deque()  # appending and popping need no lock
        self._playing: Samples = np.zeros(0, np.float32)  # the thread's own

    def play(self, samples: Samples) -> None:
        """Hands a sound to the thread."""
        self._new.append(samples)

    def fill(self, block: Any, frames: int, time: Any, status: Any) -> None:
        """Fills a block; called by PortAudio."""
        del time, status
        while self._new:
            self._playing = mix(self._playing, self._new.popleft())
        part = self._playing[:frames]
        block[:, 0] = 0.0
        block[: part.size, 0] = np.clip(part, -1.0, 1.0)
        self._playing = self._playing[frames:]


class AplayOut:
    """Plays each sound through an aplay of its own; the system mixes what overlaps."""

    name = "aplay"

    def __init__(self) -> None:
        """Begins with nothing playing."""
        self._playing: set[asyncio.Task[None]] = set()

    def play(self, samples: Samples) -> None:
        """Starts a player."""
        task = asyncio.get_running_loop().create_task(_aplay(to_pcm(samples)))
        self._playing.add(task)
        task.add_done_callback(self._playing.discard)


async def _aplay(pcm: bytes) -> None:
    quiet = asyncio.subprocess.DEVNULL
    player = await asyncio.create_subprocess_exec(*APLAY, stdin=asyncio.subprocess.PIPE, stderr=quiet)
    await player.communicate(pcm)


@contextlib.asynccontextmanager
async def opened(wav: Path | None, clock: Clock) -> AsyncIterator[Out]:
    """Opens the WAV file, or else the sound card, while the context lasts.

    Raises:
        HardwareError: there is no sound card.
        InputError: the file cannot be written.
    """
    if wav is not None:
        async with _wav(wav, clock) as out:
            yield out
    elif (card := _card()) is not None:
        with card[1]:
            yield card[0]
    elif _has_aplay():
        yield AplayOut()
    else:
        raise HardwareError("no sound card: --wav FILE writes what would be heard")


@contextlib.asynccontextmanager
async def _wav(path: Path, clock: Clock) -> AsyncIterator[WavOut]:
    try:
        stream = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    with stream, wave.open(stream, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        out = WavOut(file, clock)
        try:
            yield out
        finally:
            out.flush()


def _card() -> tuple[CardOut, Any] | None:
    """Opens the card that the system prefers; None without one, or without PortAudio."""
    try:
        import sounddevice  # noqa: PLC0415 - an extra, which itself needs a library of the system
    except (ImportError, OSError):
        return None
    try:
        device = sounddevice.query_devices(kind="output")
        out = CardOut(str(device["name"]))
        stream = sounddevice.OutputStream(
            samplerate=RATE_HZ, channels=1, dtype="float32", latency="low", callback=out.fill
        )
    except (ValueError, sounddevice.PortAudioError):
        return None
    return out, stream


def _has_aplay() -> bool:
    """Tells whether aplay is there and plays: what it lists is no proof."""
    if shutil.which(APLAY[0]) is None:
        return False
    try:
        silence = bytes(2 * RATE_HZ // 100)
        subprocess.run(APLAY, input=silence, capture_output=True, timeout=TRY_S, check=True)  # noqa: S603 - our own words
    except (OSError, subprocess.SubprocessError):
        return False
    return True
