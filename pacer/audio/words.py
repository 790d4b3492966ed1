"""Speaks through espeak-ng, where it is installed: the program is called, not linked, for it is GPL-3."""

from __future__ import annotations

import shutil
import subprocess

from pacer.audio.synth import Samples, from_wav
from pacer.errors import InputError

PROGRAM = "espeak-ng"
SPEED_WPM = 165  # words a minute: somewhat below its 175, for an ear that is busy breathing
TIMEOUT_S = 5.0  # s: it takes 0.01 to 0.07


def can_speak() -> bool:
    """Tells whether espeak-ng is installed."""
    return shutil.which(PROGRAM) is not None


def speak(text: str) -> Samples:
    """Renders words; it blocks for as long as espeak-ng takes.

    Raises:
        InputError: espeak-ng is not there, or could not.
    """
    command = [PROGRAM, "--stdout", "-v", "en", "-s", str(SPEED_WPM), "--stdin"]
    try:
        done = subprocess.run(  # noqa: S603 - our own words on stdin
            command, input=text.encode(), capture_output=True, timeout=TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise InputError(f"speech: {error}") from None
    return from_wav(done.stdout)
