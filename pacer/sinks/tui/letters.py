"""Letters five rows high, made of whole blocks: a coach reads them from the fence, two metres away.

Textual's Digits are three rows of thin lines and have no S, H, O, L, P and R, so they cannot say a cue.
A pixel is two columns wide and one row high, which is about square in a terminal.
"""

from __future__ import annotations

ROWS = 5
# One word per row, `#` is ink. Only what the screen says big: numbers and EASE, HOLD, PRESS.
PIXELS = {
    "0": "### #.# #.# #.# ###",
    "1": ".#. ##. .#. .#. ###",
    "2": "### ..# ### #.. ###",
    "3": "### ..# .## ..# ###",
    "4": "#.# #.# ### ..# ..#",
    "5": "### #.. ### ..# ###",
    "6": "### #.. ### #.# ###",
    "7": "### ..# ..# .#. .#.",
    "8": "### #.# ### #.# ###",
    "9": "### #.# ### ..# ###",
    "+": "... .#. ### .#. ...",
    "-": "... ... ### ... ...",
    ".": ". . . . #",
    ":": ". # . # .",
    " ": ". . . . .",
    "A": ".#. #.# ### #.# #.#",
    "D": "##. #.# #.# #.# ##.",
    "E": "### #.. ##. #.. ###",
    "H": "#.# #.# ### #.# #.#",
    "L": "#.. #.. #.. #.. ###",
    "O": ".#. #.# #.# #.# .#.",
    "P": "##. #.# ##. #.. #..",
    "R": "##. #.# ##. #.# #.#",
    "S": ".## #.. .#. ..# ##.",
}


def big(text: str) -> str:
    """Draws a short text as five lines of blocks; a character without a drawing is left out."""
    drawings = [PIXELS[char].split() for char in text if char in PIXELS]
    lines = (" ".join(_ink(drawing[row]) for drawing in drawings) for row in range(ROWS))
    return "\n".join(lines)


def _ink(pixels: str) -> str:
    return "".join("██" if pixel == "#" else "  " for pixel in pixels)
