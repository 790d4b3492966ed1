"""`pacer audio`: puts the parts together, and sounds until it is stopped."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pacer.audio import score
from pacer.audio.out import Out, opened
from pacer.audio.score import Played, Score, Sound
from pacer.audio.synth import RATE_HZ, Samples, synthesize
from pacer.audio.words import can_speak, speak
from pacer.clock import Clock
from pacer.dial import Broker
from pacer.errors import PacerError
from pacer.follow import Device, Follower
from pacer.heard import Said
from pacer.setup import Role
from pacer.tones import TONES

TICK_S = 0.1  # s between looks for beats and silence
LINGER_S = 5.0  # s after the finish that are still written to a WAV file: its words are over by then


@dataclass(frozen=True, slots=True)
class Options:
    """Holds what the command line says."""

    broker: Broker
    wav: Path | None = None
    beat_m: float | None = None
    words: bool = True
    latency_s: float = 0.0  # s that the way to the ear takes; what is known beforehand is played earlier
    device: str = "audio"
    to: Role = "runner"


class Player:
    """Plays the score: tones from a store, words one after the other."""

    def __init__(self, out: Out, clock: Clock, begin: Score, latency_s: float) -> None:
        """Renders the tones once."""
        self.score = begin
        self._out, self._clock, self._latency_s = out, clock, latency_s
        self._tones = {name: synthesize(notes) for name, notes in TONES.items()}
        self._words: asyncio.Queue[Sound] = asyncio.Queue()

    def hear(self, said: Said) -> None:
        """Takes a message."""
        self._play(score.hear(self.score, said))

    async def tick(self) -> None:
        """Looks for what is due, for ever."""
        while True:
            self._play(score.tick(self.score, self._clock.now()))
            await asyncio.sleep(TICK_S)

    async def talk(self) -> None:
        """Speaks what is to be said, one thing at a time, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            sound = await self._words.get()
            try:
                samples = await loop.run_in_executor(None, speak, sound.words)
            except PacerError as error:
                sys.stderr.write(f"{error}\n")
                continue
            await asyncio.sleep(max(0.0, sound.at - self._clock.now()))
            self._out.play(samples)
            await asyncio.sleep(seconds(samples))

    def _play(self, played: Played) -> None:
        self.score, sounds = played
        for sound in sounds:
            if sound.words:
                self._words.put_nowait(sound)
            if sound.tone is not None:
                wait = sound.at - self._latency_s - self._clock.now()
                loop = asyncio.get_running_loop()
                loop.call_later(max(0.0, wait), self._out.play, self._tones[sound.tone])


def seconds(samples: Samples) -> float:
    """Returns how long samples last, s."""
    return samples.size / RATE_HZ


async def run_audio(options: Options, clock: Clock, say: Callable[[str], None]) -> None:
    """Sounds until cancelled; into a WAV file, until the run is over.

    Raises:
        HardwareError: there is no sound card.
        InputError: the WAV file cannot be written.
    """
    words = options.words and can_speak()
    if options.words and not words:
        say("no espeak-ng: tones only")
    async with opened(options.wav, clock) as out:
        say(f"sound goes to {options.wav or out.name}")
        player = Player(out, clock, Score(options.to, options.beat_m, words), options.latency_s)
        topics = ("state", f"cue/{options.to}", "split", "status")
        device = Device(options.device, "audio", topics, lambda: player.score.counts)
        follower = Follower(options.broker, device, clock, player.hear, say)
        async with asyncio.TaskGroup() as tasks:
            jobs = [tasks.create_task(job) for job in (follower.run(), player.tick(), player.talk())]
            if options.wav is not None:
                await _until_over(player)
                for job in jobs:
                    job.cancel()


async def _until_over(player: Player) -> None:
    while not score.over(player.score):  # noqa: ASYNC110 - it is looked at, it does not call
        await asyncio.sleep(TICK_S)
    await asyncio.sleep(LINGER_S)
