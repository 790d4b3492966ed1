"""The few errors of pacer.

    PacerError
    ├── ConfigError      a configuration says something that is not allowed      exit 2
    ├── InputError       a file, a recording or an argument cannot be used       exit 2
    ├── DecodeError      bytes that break their specification                    never ends a run
    └── HardwareError    no adapter, no sound card, no broker where one is needed  exit 3

Each message names what, where and what is allowed, so that a person can act on it.
"""

from __future__ import annotations


def printable(text: str) -> str:
    """Replaces what a terminal would obey: in a file, or a device's name, there may be anything."""
    return "".join(c if c.isprintable() else "?" for c in text)


class PacerError(Exception):
    """Says in one line what went wrong; `exit_code` is what the command line returns for it."""

    exit_code = 2


class ConfigError(PacerError):
    """Reports a configuration value that is not allowed: file, key, value and what is allowed."""

    def __init__(self, text: str) -> None:
        super().__init__(printable(text))  # a name in it may hold anything


class InputError(PacerError):
    """Reports a file, recording or argument that cannot be used."""


class DecodeError(PacerError):
    """Reports bytes that break their specification: which characteristic, and why."""


class HardwareError(PacerError):
    """Reports that a needed piece of hardware or a service is not there."""

    exit_code = 3
