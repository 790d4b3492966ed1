"""One way to break the code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutation:
    """Says what is broken where: a text that is there exactly once, and what stands in its place."""

    promise: str  # id of the one that must notice
    words: str
    file: str
    old: str
    new: str

    def applied(self, text: str) -> str:
        """Returns a file's text with this broken."""
        assert text.count(self.old) == 1, f"{self.file} has {text.count(self.old)} times: {self.old}"
        return text.replace(self.old, self.new)
