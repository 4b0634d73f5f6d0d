"""On which line each key of a TOML text stands: tomllib reads values but forgets their places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

KeyPath = tuple[str, ...]

_TOKEN = re.compile(
    r"""
    (?P<comment> \#[^\n]* )
  | (?P<long>    \"\"\"(?:\\.|[^\\])*?\"{3,5} | '''.*?'{3,5} )
  | (?P<quoted>  "(?:\\.|[^"\\\n])*" | '[^'\n]*' )
  | (?P<newline> \n )
  | (?P<mark>    [\[\]{}=,.] )
  | (?P<bare>    [^\s\[\]{}=,."'\#]+ )
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int


_END = _Token("end", "", 0)


def find_key_lines(text: str) -> Mapping[KeyPath, int]:
    """Give the line (from 1) where each key or table is first named. `text` must be valid TOML."""
    return _Reader(text).document()


def _tokens(text: str) -> list[_Token]:
    found, line = [], 1
    for match in _TOKEN.finditer(text):
        if (kind := match.lastgroup or "") != "comment":
            found.append(_Token(kind, match.group(), line))
        line += match.group().count("\n")
    return found


class _Reader:
    """Walks a valid document once, noting keys; values are only skipped."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._places: dict[KeyPath, int] = {}

    def document(self) -> Mapping[KeyPath, int]:
        table: KeyPath = ()
        while self._skip("\n") is not _END:
            if self._peek().text == "[":
                self._skip("[")
                table = self._key(())
                self._skip("]")
            else:
                self._pair(table)
        return self._places

    def _peek(self) -> _Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _skip(self, *texts: str) -> _Token:
        """Pass over these marks; give the token that follows."""
        while (token := self._peek()).text in texts and token.kind in ("mark", "newline"):
            self._at += 1
        return token

    def _key(self, table: KeyPath) -> KeyPath:
        path = table
        while (token := self._skip(".")).kind in ("bare", "quoted"):
            path = (*path, token.text[1:-1] if token.kind == "quoted" else token.text)
            self._places.setdefault(path, token.line)
            self._at += 1
        return path

    def _pair(self, table: KeyPath) -> None:
        path = self._key(table)
        self._skip("=")
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        opening = self._peek().text
        if opening not in ("{", "["):
            self._scalar()
            return
        self._at += 1
        closing = "}" if opening == "{" else "]"
        while self._skip(",", "\n").text not in (closing, ""):
            if opening == "{":
                self._pair(path)
            else:
                self._value(path)
        self._at += 1

    def _scalar(self) -> None:
        """Pass over a string, number, date or word, whatever it is made of."""
        while (token := self._peek()) is not _END and token.text not in ("\n", ",", "]", "}"):
            self._at += 1
