"""Damages bytes as disks, cables and bad writers do."""

from __future__ import annotations

import random


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Returns bytes with a few changes: values, bits, pieces lost or repeated, and what means "unknown"."""
    out = bytearray(data)
    for _ in range(chance.choice([1, 2, 5, 30])):
        i = chance.randrange(len(out))
        match chance.randrange(5):
            case 0:
                out[i] = chance.randrange(256)
            case 1:
                out[i] ^= 1 << chance.randrange(8)
            case 2:
                del out[i : i + chance.randrange(1, 50)]
            case 3:
                out[i:i] = out[chance.randrange(len(out)) :][: chance.randrange(1, 60)]
            case _:
                out[i : i + 4] = chance.choice([b"\xff" * 4, bytes(4), b"nan ", b"9e99"])
        out = out or bytearray(b"x")
    return bytes(out)
