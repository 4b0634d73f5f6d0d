"""Line numbers of the keys of a TOML text, for error messages: tomllib reads values but not their positions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

KeyPath = tuple[str, ...]

# In this order: a comment or string may contain every other token, and `long` must be tried before `quoted`.
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


# A token rather than None, so that the parser needs no check at each step.
_END = _Token("end", "", 0)


def find_key_lines(text: str) -> Mapping[KeyPath, int]:
    """Return the line (from 1) where each key or table is first named. `text` must be valid TOML."""
    return _KeyReader(text).read_document()


def _tokenize(text: str) -> list[_Token]:
    tokens, line = [], 1
    for match in _TOKEN.finditer(text):
        if (kind := match.lastgroup or "") != "comment":
            tokens.append(_Token(kind, match.group(), line))
        line += match.group().count("\n")
    return tokens


class _KeyReader:
    """A recursive-descent parser of valid TOML that notes the lines of keys and skips values."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokenize(text)
        self._at = 0
        self._places: dict[KeyPath, int] = {}

    def read_document(self) -> Mapping[KeyPath, int]:
        table: KeyPath = ()
        while self._skip("\n") is not _END:
            if self._peek().text == "[":
                self._skip("[")
                table = self._read_key(())
                self._skip("]")
            else:
                self._read_pair(table)
        return self._places

    def _peek(self) -> _Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _skip(self, *texts: str) -> _Token:
        """Skip these marks and return the token that follows."""
        while (token := self._peek()).text in texts and token.kind in ("mark", "newline"):
            self._at += 1
        return token

    def _read_key(self, table: KeyPath) -> KeyPath:
        path = table
        while (token := self._skip(".")).kind in ("bare", "quoted"):
            path = (*path, token.text[1:-1] if token.kind == "quoted" else token.text)
            # The first line counts: a table may be named again by its sub-tables.
            self._places.setdefault(path, token.line)
            self._at += 1
        return path

    def _read_pair(self, table: KeyPath) -> None:
        path = self._read_key(table)
        self._skip("=")
        self._skip_value(path)

    def _skip_value(self, path: KeyPath) -> None:
        opening = self._peek().text
        if opening not in ("{", "["):
            # A string, number, date or word: whatever stands before the next separator.
            while (token := self._peek()) is not _END and token.text not in ("\n", ",", "]", "}"):
                self._at += 1
            return
        self._at += 1
        closing = "}" if opening == "{" else "]"
        while self._skip(",", "\n").text not in (closing, ""):
            if opening == "{":
                self._read_pair(path)
            else:
                self._skip_value(path)
        self._at += 1
