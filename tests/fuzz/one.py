"""Fuzzes one target until its time is over: python -m tests.fuzz.one TARGET LIBFUZZER-OPTION... CORPUS..."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["pacer"]):  # these guide the fuzzer
    from tests.fuzz.targets import TARGETS

if __name__ == "__main__":
    atheris.Setup([sys.argv[0], *sys.argv[2:]], TARGETS[sys.argv[1]])
    atheris.Fuzz()
