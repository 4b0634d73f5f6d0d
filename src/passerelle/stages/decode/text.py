"""Encodings: text becomes UTF-8, read as declared, else by its mark, else as strict UTF-8, else as cp1252 (warned)."""

from __future__ import annotations

import codecs
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from passerelle.stages.decode import code_pages
from passerelle.stages.decode.damage import count_mojibake
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.language import _
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNK = 1 << 20
"""Bytes surveyed at a time."""
FALLBACK = "cp1252"
_MARKS = (
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_OWN_END = np.int8(0xA0 - 0x100)
"""Cp1252 differs from latin-1 in the bytes 0x80 to 0x9f: as signed numbers, all that are less than this."""
_MOJIBAKE_LEADS = (b"\xc2", b"\xc3", b"\xc5")
"""The first characters of UTF-8 read as cp1252 (the others need one of its own bytes)."""
_ENOUGH = 10
"""Fewer faults than this are faults of rows, whatever their share."""
_KEEP_AS_CONTROL = "passerelle.control"


def _decode_as_control(error: UnicodeError) -> tuple[str, int]:
    """Read a byte that the code page leaves undefined as the C1 control: the row that holds it is then set aside."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(map(chr, error.object[error.start : error.end])), error.end


codecs.register_error(_KEEP_AS_CONTROL, _decode_as_control)


class Bytes(Protocol):
    """Something that bytes can be read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes; nothing at the end only."""
        ...


@dataclass(frozen=True, slots=True)
class DetectedEncoding:
    """How to read a text: its codec, the bytes of marks before it, and what is doubtful about it."""

    codec: str
    mark: int
    warned: tuple[str, ...] = ()
    size: int = 0
    """Bytes of the text in its own encoding."""
    whole: bool = True
    """False when some bytes cannot be read in this codec."""
    returns: bool = False
    """Whether lines end with a carriage return alone, as in files of old Macs."""


@dataclass(slots=True)
class _Survey:
    """Counts over the whole text, to distinguish a damaged file from a damaged row."""

    size: int = 0
    characters: int = 0
    foreign: int = 0
    """Characters outside ASCII that could be read."""
    undecodable: int = 0
    replaced: int = 0
    mojibake: int = 0
    nul: int = 0

    def add(self, text: str) -> None:
        self.characters += len(text)
        self.nul += text.count("\0")
        if text.isascii():
            return
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        undecodable = int(((codes >= 0xDC80) & (codes <= 0xDCFF)).sum())
        self.undecodable += undecodable
        self.foreign += int((codes > 0x7F).sum()) - undecodable
        self.replaced += text.count("\ufffd")
        self.mojibake += count_mojibake(text)

    def add_plain(self, chunk: bytes) -> None:
        """Count bytes that are one character each, none of them a sign of damage."""
        signed = np.frombuffer(chunk, dtype=np.int8)
        self.characters += len(chunk)
        self.nul += len(chunk) - int(np.count_nonzero(signed))
        self.foreign += int(np.count_nonzero(signed < 0))


def detect_encoding(open_text: Callable[[], Bytes], declared: str) -> DetectedEncoding:
    """Decide how a text is to be read, over all its bytes, in flat memory.

    Raises ParcelError when the whole text is damaged, is not text, or is empty.
    """
    reading = _detect_announced(open_text, declared)
    if not reading.codec.startswith("utf-") or reading.codec == "utf-8":
        reading = replace(reading, returns=_has_only_returns(open_text()))
    if reading.codec not in code_pages.MISTAKABLE:
        return reading
    # Every byte is a letter or a sign in these: only the text itself shows that it was written in another.
    found = code_pages.recognise(open_text().read)
    if found in {"", reading.codec}:
        return reading
    code = "decode.encoding.recognised" if declared else "decode.encoding.assumed"
    return replace(reading, codec=found, warned=tuple(dict.fromkeys((*reading.warned, code))))


def _has_only_returns(stream: Bytes) -> bool:
    """Whether a text has carriage returns and no line feed at all. Its first piece decides for nearly every text."""
    is_found = False
    while chunk := stream.read(CHUNK):
        if b"\n" in chunk:
            return False
        is_found = is_found or b"\r" in chunk
    return is_found


def _detect_announced(open_text: Callable[[], Bytes], declared: str) -> DetectedEncoding:
    """Decide by what is declared, by the mark, and by whether the bytes are UTF-8."""
    stream = open_text()
    head = stream.read(4096)
    if not head:
        raise ParcelError("decode.parcel.empty")
    codec, mark, warned = _find_announced_codec(head, declared)
    survey = _count_characters(stream, head[mark:], codec or "utf-8")
    if survey.nul * 20 > survey.characters:
        raise ParcelError("decode.parcel.not_declared", declared=_("plain text"))
    # Among characters beyond ASCII, half of them unreadable is another encoding; a few are damage in some rows.
    if not codec and survey.undecodable * 2 > survey.foreign:
        return DetectedEncoding(FALLBACK, mark, (*warned, "decode.encoding.assumed"), survey.size)
    codec = codec or "utf-8"
    _refuse_damaged(survey, codec)
    return DetectedEncoding(codec, mark, warned, survey.size, whole=not survey.undecodable)


def _find_announced_codec(head: bytes, declared: str) -> tuple[str, int, tuple[str, ...]]:
    """Return the codec that is declared or shown by the first bytes, the length of the marks, and warnings."""
    codec = codecs.lookup(declared).name if declared else ""
    codec = "utf-8" if codec in {"ascii", "utf-8-sig"} else codec  # ASCII is UTF-8, and the mark is cut off here
    for mark, marked in _MARKS:
        if head.startswith(mark):
            twice = head.startswith(mark * 2)
            contradicted = bool(codec) and not marked.startswith(codec)
            warned = ("decode.encoding.second_mark",) * twice + ("decode.encoding.assumed",) * contradicted
            return marked, len(mark) * (2 if twice else 1), warned
    if codec:
        return codec, 0, ()
    if wide := _detect_utf16(head):
        return wide, 0, ("decode.encoding.assumed",)
    return "", 0, ()


def _detect_utf16(head: bytes) -> str:
    """Detect UTF-16 without mark by where its zero bytes stand; empty when it is none."""
    # Latin text in UTF-16 has a zero in every other byte.
    half = max(len(head) // 2, 1)
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd * 10 > half * 7 and even * 10 < half:
        return "utf-16-le"
    if even * 10 > half * 7 and odd * 10 < half:
        return "utf-16-be"
    return ""


def _count_characters(stream: Bytes, first: bytes, codec: str) -> _Survey:
    survey = _Survey()
    # `surrogateescape` keeps undecodable bytes apart from the text, so that they can be counted.
    errors = "surrogateescape" if codec == "utf-8" else "replace"
    decoder = codecs.getincrementaldecoder(codec)(errors)
    chunk = first
    while chunk:
        survey.size += len(chunk)
        if codec == FALLBACK and _is_latin(chunk) and not any(sign in chunk for sign in _MOJIBAKE_LEADS):
            survey.add_plain(chunk)
        else:
            survey.add(decoder.decode(chunk))
        chunk = stream.read(CHUNK)
    survey.add(decoder.decode(b"", final=True))
    return survey


def _refuse_damaged(survey: _Survey, codec: str) -> None:
    """Refuse the whole text when four fifths of its accents are damaged; less than that is found row by row."""
    if survey.undecodable >= _ENOUGH and survey.undecodable > survey.foreign:
        raise ParcelError("decode.encoding.undecodable", encoding=codec)
    if survey.replaced >= _ENOUGH and survey.replaced * 5 > survey.foreign * 4:
        raise ParcelError("decode.encoding.replaced")
    # A garbled character was read as two, both of them foreign.
    if survey.mojibake >= _ENOUGH and survey.mojibake * 2 * 5 > survey.foreign * 4:
        raise ParcelError("decode.encoding.mojibake")


class Utf8:
    """A text as UTF-8 bytes, read forwards. `behind` counts the original bytes read so far."""

    def __init__(self, stream: Bytes, reading: DetectedEncoding) -> None:
        self._stream = stream
        self._stream.read(reading.mark)
        self.behind = reading.mark
        self._decoder: codecs.IncrementalDecoder | None = None
        if reading.codec != "utf-8" or not reading.whole:
            # An undecodable byte of UTF-8 becomes U+FFFD, of a code page a C1 control: `damage` knows both.
            errors = "replace" if reading.codec.startswith("utf-") else _KEEP_AS_CONTROL
            self._decoder = codecs.getincrementaldecoder(reading.codec)(errors)
        self._is_single = reading.codec == FALLBACK
        self._returns = reading.returns

    def read(self, size: int) -> bytes:
        """Return about `size` bytes, and nothing only at the end."""
        data = self._read(size)
        return data.replace(b"\r", b"\n") if self._returns else data

    def _read(self, size: int) -> bytes:
        while True:
            raw = self._stream.read(size)
            self.behind += len(raw)
            if self._decoder is None:
                return raw
            if self._is_single and raw and _is_latin(raw):
                return raw.decode("latin-1").encode()
            text = self._decoder.decode(raw, final=not raw)
            if text or not raw:
                return text.encode()


def _is_latin(raw: bytes) -> bool:
    """Whether bytes of cp1252 mean the same in latin-1, which is read several times faster."""
    return raw.isascii() or not bool((np.frombuffer(raw, dtype=np.int8) < _OWN_END).any())
