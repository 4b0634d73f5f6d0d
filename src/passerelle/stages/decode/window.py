"""A JSON document too long for the memory: its records are read one by one, through a window over the file."""

from __future__ import annotations

import codecs
import json
import re
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

from passerelle.stages.decode.strict import (
    HOOKS,
    LENIENT,
    FlawedValue,
    MalformedError,
    find_records,
    list_items,
    name_flaw,
)
from passerelle.stages.decode.unread import ELEMENT, LIST, UnreadTally, Way, count_beside, count_values, follow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_VALUE = 64 << 20
"""Characters of the longest record, or of anything else that is not gone into."""
_CHUNK = 1 << 20
_GOES_ON = frozenset(["", *".eE+-0123456789"])
"""What may follow what looks like a whole number, when the window ends in the middle of it."""
_BLANKS = re.compile(r"[ \t\r\n]*")


class Walk:
    """One walk through a document, to what stands at one path. `present` is known once the walk is over."""

    def __init__(
        self,
        stream: IO[bytes],
        path: Sequence[str],
        *,
        whole: bool = False,
        tally: UnreadTally | None = None,
        read: Sequence[Way] = (),
    ) -> None:
        """Begin a walk. With `tally`, what it passes by is counted, but for what stands at the paths in `read`."""
        stream.seek(0)
        self._window = _Window(stream)
        self._path = list(path)
        self._whole = whole
        self._tally = tally
        self._read = read
        self.present = False

    def iter_records(self) -> Iterator[Any]:
        """Return the records at the path, as `strict.find_records` finds them in a document in memory.

        With `whole`, return what stands there as it is. Raises MalformedError where the document is not JSON.
        """
        deep = False
        try:
            yield from self._iter_below(self._path)
            if self._window.peek_next():
                raise self._window.make_fault()
        except RecursionError:
            deep = True
        if deep:
            raise MalformedError(self._window.find_line(), deep=True)

    def _iter_below(self, path: list[str]) -> Iterator[Any]:
        opening = self._window.peek_next()
        if not path:
            self.present = True
            if self._whole:
                yield _unwrap(self._window.read_value())
            elif opening == "[":
                for _item in self._window.list():
                    yield self._window.read_value()
            else:
                value = self._window.read_value()
                yield from [value] if isinstance(value, FlawedValue) else list_items(value)
        elif opening == "[" and not self._whole:
            is_empty = True
            for _item in self._window.list():
                is_empty = False
                yield from self._iter_below(path)
            self.present = self.present or is_empty  # an empty list on the way counts as being there
        elif opening == "{":
            yield from self._iter_inside(path)
        else:
            at = self._path[: len(self._path) - len(path)]
            self._skip_counting(at, self._find_ways(at))

    def _iter_inside(self, path: list[str]) -> Iterator[Any]:
        """Yield what stands below in an object. One keyed `"0"`, `"1"` … is loaded, to see whether all its keys are."""
        if not self._whole and self._window.read_first_key().isdecimal():
            at = self._path[: len(self._path) - len(path)]
            value = self._window.read_value()
            if isinstance(value, FlawedValue):  # which of its items is flawed is not known
                self.present = True
                yield value
                return
            if self._tally is not None:
                count_beside(value, self._find_ways(at), at, self._tally)
            records = find_records(value, path)
            self.present = self.present or records is not None
            yield from records or ()
            return
        seen = False
        for key in self._window.read_object():
            if key != path[0]:
                at = [*self._path[: len(self._path) - len(path)], key]
                self._skip_counting(at, self._find_ways(at))
            elif seen:
                raise self._window.make_fault()
            else:
                seen = True
                yield from self._iter_below(path[1:])

    def _find_ways(self, at: Sequence[str]) -> tuple[Way, ...]:
        """Return the ways from a place to what is read below it."""
        ways = tuple(self._read)
        for key in at:
            if () in ways:  # what stands higher is read with all that it holds
                return ((),)
            ways = follow(ways, key)
        return ways

    def _skip_counting(self, at: Sequence[str], ways: tuple[Way, ...]) -> None:
        """Skip a value, and count what no way of `ways` leads to."""
        if self._tally is None or () in ways:
            self._window.skip()
            return
        opening = self._window.peek_next()
        if ways and opening == "[":
            for _item in self._window.list():
                self._skip_counting(at, ways)
        elif ways and opening == "{":
            for key in self._window.read_object():
                self._skip_counting([*at, key], follow(ways, key))
        else:
            self._tally.add(LIST if opening == "[" else ELEMENT, ".".join(at), self._window.skip())


def _unwrap(value: Any) -> Any:
    return value.value if isinstance(value, FlawedValue) else value


class _Window:
    """The characters between what was read and what is not read yet."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        # Bytes that are no UTF-8 become U+FFFD, which costs the record that holds them (`damage`), not the document.
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("replace").decode
        self._scan = json.JSONDecoder(**HOOKS).raw_decode
        self._scan_leniently = json.JSONDecoder(**LENIENT).raw_decode
        self._text = ""
        self._place = 0
        self._lines = 1
        self._ended = False

    def peek_next(self) -> str:
        """Return the next character that is not blank, without taking it; nothing at the end."""
        while True:
            self._place = self._skip_blanks(self._place)
            if self._place < len(self._text):
                return self._text[self._place]
            if not self._load_more():
                return ""

    def _skip_blanks(self, place: int) -> int:
        match = _BLANKS.match(self._text, place)
        return match.end() if match else place

    def take(self, expected: str) -> str:
        """Take one character of those expected."""
        if not (char := self.peek_next()) or char not in expected:
            raise self.make_fault()
        self._place += 1
        return char

    def list(self) -> Iterator[None]:
        """Stand before each item of a list, one after the other; each must be taken before the next is asked for."""
        self.take("[")
        if self.peek_next() == "]":
            self.take("]")
            return
        yield None
        while self.take(",]") == ",":
            yield None

    def read_object(self) -> Iterator[str]:
        """Return each key of an object, and stand before its value, which must be taken."""
        self.take("{")
        if self.peek_next() == "}":
            self.take("}")
            return
        yield self._read_key()
        while self.take(",}") == ",":
            yield self._read_key()

    def read_first_key(self) -> str:
        """Return the first key of the object that comes, without taking anything; nothing when it has none."""
        while True:
            start = self._skip_blanks(self._place + 1)
            if self._text[start : start + 1] == "}":
                return ""
            with suppress(ValueError):
                return str(self._scan(self._text, start)[0])
            if len(self._text) - self._place > MAX_VALUE or not self._load_more(keep=True):
                raise self.make_fault()

    def _read_key(self) -> str:
        if self.peek_next() != '"':
            raise self.make_fault()
        key = self.read_value()
        if isinstance(key, FlawedValue):  # a name is not a value that could be set aside
            raise self.make_fault()
        self.take(":")
        return str(key)

    def read_value(self) -> Any:
        """Take a whole value. One that ends where the window ends may go on after it."""
        if not self.peek_next():
            raise self.make_fault()
        while True:
            wrong, flaw = self._place, ""
            try:
                value, end = self._scan(self._text, self._place)
            except ValueError as error:
                wrong, end, flaw = getattr(error, "pos", self._place), -1, name_flaw(error)
            if flaw:
                with suppress(ValueError):
                    inner, end = self._scan_leniently(self._text, self._place)
                    value = FlawedValue(inner, flaw)
            if end >= 0 and (self._ended or self._text[end : end + 1] not in _GOES_ON):
                self._place = end
                return value
            if len(self._text) - self._place > MAX_VALUE or (not self._load_more(keep=True) and end < 0):
                raise MalformedError(self._lines + self._text.count("\n", 0, wrong))

    def skip(self) -> int:
        """Take a value that nobody wants, however long, lists and objects piece by piece; return its values."""
        match self.peek_next():
            case "[":
                return sum(count_values(_unwrap(self.read_value())) for _item in self.list())
            case "{":
                return sum(self.skip() for _key in self.read_object())
            case _:
                return count_values(_unwrap(self.read_value()))

    def find_line(self) -> int:
        """Return the line on which the window stands."""
        return self._lines + self._text.count("\n", 0, self._place)

    def make_fault(self) -> MalformedError:
        """Return the error that the document is not JSON here."""
        return MalformedError(self.find_line())

    def _load_more(self, *, keep: bool = False) -> bool:
        """Read on, and forget what was taken; False at the end. The longer a value is, the more is read at once."""
        if self._ended:
            return False
        chunk = self._stream.read(max(_CHUNK, len(self._text) - self._place) if keep else _CHUNK)
        self._ended = not chunk
        fresh = self._decode(chunk, self._ended)
        if self._ended:
            return False
        self._lines += self._text.count("\n", 0, self._place)
        self._text = self._text[self._place :] + fresh
        self._place = 0
        return True
