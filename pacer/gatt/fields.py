"""Reads little-endian fields one after the other and refuses to read past the end."""

from __future__ import annotations

from pacer.errors import DecodeError

_SHOWN = 28  # bytes that a message shows: the longest Location and Speed, and the screen keeps its lines


class Fields:
    """Walks through the bytes of one characteristic value.

    A field that the flags announce and the bytes do not hold is an error; bytes left over are none,
    since later versions of a specification append fields.
    """

    __slots__ = ("_data", "_name", "_next")

    def __init__(self, name: str, data: bytes) -> None:
        self._name = name  # for messages
        self._data = data
        self._next = 0

    def unsigned(self, size: int) -> int:
        """Returns the next `size` bytes as an unsigned number."""
        return int.from_bytes(self._take(size), "little")

    def signed(self, size: int) -> int:
        """Returns the next `size` bytes as a signed number."""
        return int.from_bytes(self._take(size), "little", signed=True)

    def left(self) -> int:
        """Returns how many bytes have not been read."""
        return len(self._data) - self._next

    def refuse(self, reason: str) -> DecodeError:
        """Makes the error that names the characteristic, the reason and the bytes."""
        more = " …" if len(self._data) > _SHOWN else ""
        return DecodeError(f"{self._name}: {reason} (bytes {self._data[:_SHOWN].hex(' ') or 'none'}{more})")

    def _take(self, size: int) -> bytes:
        start, self._next = self._next, self._next + size
        if self._next > len(self._data):
            raise self.refuse(f"{len(self._data)} bytes, at least {self._next} are needed")
        return self._data[start : self._next]


def on_earth(lat_deg: float, lon_deg: float) -> bool:
    """Tells whether a latitude and a longitude are such; false for NaN and infinity too."""
    return abs(lat_deg) <= 90 and abs(lon_deg) <= 180
