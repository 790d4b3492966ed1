"""GPS over a UART service: one stream of bytes, cut into notifications anywhere, UBX and NMEA mixed.

`Reassembler` finds whole frames; `Stream` also turns them into measurements. A broken frame is a value,
not an exception, and the search goes on two bytes after where it began, so it costs no frame after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from pacer.errors import DecodeError, InputError
from pacer.gatt import nmea, ubx
from pacer.measurement import Fix, NoFix

_DOLLAR = b"$"
_LIBRARIES = ("pynmeagps", "pyubx2")


@dataclass(frozen=True, slots=True)
class Frame:
    """Holds one whole frame whose checksum fits: UBX, or NMEA without its line end."""

    name: str  # NAV-PVT, RMC, GGA, VTG … ; another UBX message is "UBX" with class and identity
    data: bytes


@dataclass(frozen=True, slots=True)
class BadFrame:
    """Says what was not used of a stream, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class _Cut:
    """Says what stands at a place, and where to go on."""

    found: Frame | BadFrame | None  # None: noise that only looked like a beginning
    next: int


class Reassembler:
    """Puts frames together over the borders of notifications.

    It holds back an unfinished frame, never more than the longest one allowed. A frame that claims more
    bytes than come is given up as soon as a later whole frame lies inside what it claims; and so, that the
    frames and the errors do not depend on where the stream was cut, is one that is whole itself.
    """

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> list[Frame | BadFrame]:
        """Takes the next bytes and returns what they complete, in order; other bytes are skipped."""
        data = self._held + data
        found: list[Frame | BadFrame] = []
        start = _next_start(data, 0)
        while start < len(data):
            cut = _overtaken(data, start) or _cut(data, start)
            if cut is None:
                break
            if cut.found is not None:
                found.append(cut.found)
            start = _next_start(data, cut.next)
        self._held = data[start:]
        return found

    def end(self) -> list[BadFrame]:
        """Ends the stream: reports the frame that was begun and never finished."""
        held, self._held = self._held, b""
        if held.startswith(ubx.SYNC) or nmea.is_sentence(held):
            return [BadFrame(f"{_kind(held, 0)} frame cut short after {len(held)} bytes")]
        return []


class Stream:
    """Turns the stream of one GPS receiver into measurements.

    Raises:
        InputError: when made where the libraries that read the frames are missing.
    """

    def __init__(self) -> None:
        missing = [library for library in _LIBRARIES if find_spec(library) is None]
        if missing:
            raise InputError(f"GPS over UART needs {' and '.join(missing)}: pip install 'pacer[uart]'")
        self._reassembler = Reassembler()
        self._epoch = nmea.Epoch()

    def feed(self, data: bytes, t: float) -> list[Fix | NoFix | BadFrame]:
        """Takes bytes that arrived at `t` and returns what they complete; messages of no use are skipped."""
        found: list[Fix | NoFix | BadFrame] = []
        for frame in self._reassembler.feed(data):
            found.extend((frame,) if isinstance(frame, BadFrame) else self._measure(t, frame))
        return found

    def end(self) -> list[BadFrame]:
        """Ends the stream: reports the frame that was begun and never finished."""
        return self._reassembler.end()

    def _measure(self, t: float, frame: Frame) -> tuple[Fix | NoFix | BadFrame, ...]:
        try:
            if frame.name == ubx.NAV_PVT:
                return (ubx.measure(t, frame.data),)
            if frame.name in nmea.SENTENCES:
                measured, self._epoch = nmea.measure(t, frame.data, self._epoch)
                return measured
        except DecodeError as error:
            return (BadFrame(str(error)),)
        return ()


def _next_start(data: bytes, start: int) -> int:
    """Finds the next place where a frame may begin, the end of the data if there is none."""
    places = (data.find(ubx.SYNC, start), data.find(_DOLLAR, start))
    half = len(data) - 1 if data.endswith(ubx.SYNC[:1]) else len(data)  # half a UBX beginning at the end
    return min((p for p in places if p >= 0), default=max(half, start))


def _cut(data: bytes, start: int) -> _Cut | None:
    """Cuts out the frame that begins at `start`; None where its end has not come yet."""
    if data.startswith(_DOLLAR, start):
        return _cut_nmea(data, start)
    return _cut_ubx(data, start) if data.startswith(ubx.SYNC, start) else None  # None: half a sync


def _cut_ubx(data: bytes, start: int) -> _Cut | None:
    length = ubx.frame_length(data, start)
    if length is None:
        return None
    if length - ubx.AROUND > ubx.LONGEST_PAYLOAD:
        return _broken(data, start, length)
    if start + length > len(data):
        return None
    frame = data[start : start + length]
    return (
        _Cut(Frame(ubx.name(frame), frame), start + length)
        if ubx.checksum_fits(frame)
        else _broken(data, start, length)
    )


def _cut_nmea(data: bytes, start: int) -> _Cut | None:
    body = nmea.BODY.match(data, start, start + nmea.LONGEST)
    text = body[0] if body else b""
    after = data[start + len(text) : start + len(text) + 2]
    if start + len(text) == len(data) < start + nmea.LONGEST or after == b"\r":
        return None
    stop = start + len(text)
    if after[:1] == b"\n" or after == b"\r\n":
        if nmea.checksum_fits(text):
            return _Cut(Frame(nmea.name(text), text), stop)
        reason = "checksum missing or wrong"
    else:
        reason = f"cut short after {len(text)} bytes"
    return _Cut(BadFrame(f"{nmea.name(text)} sentence: {reason}") if nmea.is_sentence(text) else None, stop)


def _overtaken(data: bytes, start: int) -> _Cut | None:
    """Gives up a UBX frame where a whole frame lies inside what it claims; else None."""
    length = ubx.frame_length(data, start)
    if length is None or not data.startswith(ubx.SYNC, start):
        return None
    inside = data[: start + length]
    inner = _next_start(inside, start + len(ubx.SYNC))
    while inner < len(inside):
        cut = _cut(inside, inner)
        if cut is not None and isinstance(cut.found, Frame):
            return _broken(data, start, length)
        inner = _next_start(inside, inner + 1)
    return None


def _broken(data: bytes, start: int, length: int) -> _Cut:
    """Reports a UBX frame; a cut one, a wrong length and a wrong checksum cannot be told apart."""
    reason = f"{_kind(data, start)} frame of {length} bytes: cut short, or checksum wrong"
    return _Cut(BadFrame(reason), start + len(ubx.SYNC))


def _kind(data: bytes, start: int) -> str:
    if data.startswith(ubx.SYNC, start):
        return ubx.name(data[start : start + 4]) if len(data) >= start + 4 else "UBX"
    return nmea.name(data[start:])
