from __future__ import annotations

import math
import random

import pytest

from pacer.errors import InputError
from pacer.files import parse_activity
from tests.support.fit_file import Sample, fit_file
from tests.support.track_files import GPX, START_S, TCX

SMALL_FIT = fit_file(
    [Sample(START_S + n, 47.0, 8.0 + n * 4e-5, 3.0 * n, 3.0, 120, 88, 5 + 3 * n, 3.0) for n in range(9)],
    pod=True,
)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Returns bytes with a few changes of the kinds that disks, cables and bad writers make."""
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


@pytest.mark.parametrize("data", [SMALL_FIT, GPX.encode(), TCX.encode()], ids=["fit", "gpx", "tcx"])
def test_any_damage_gives_an_activity_or_an_input_error(data: bytes) -> None:
    chance = random.Random(4_41)
    read = 0
    for _ in range(400):
        try:
            run = parse_activity(mutated(data, chance), "f")
        except InputError as error:
            assert "\n" not in str(error)  # noqa: PT017 - either outcome is allowed, both are looked at
            continue
        read += 1
        told = [r.t_s for r in run.records]
        assert told == sorted(told)
        assert math.isfinite(run.own_distance_m)
    assert read > 25  # the damage was not always fatal, so much more than the first check was tried
