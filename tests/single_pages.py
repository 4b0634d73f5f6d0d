"""Reads a page that stands alone with the reader of the standard library, and knows nothing of how it is written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"meta", "link", "br", "hr", "img", "input", "rect", "line"})


@dataclass
class TableSeen:
    """A table: its caption, and its rows with the heads first."""

    caption: str = ""
    rows: list[list[str]] = field(default_factory=list)

    def find_row(self, name: str) -> dict[str, str]:
        """Return the cells of the only row with this name, by their heads."""
        (row,) = [row for row in self.rows[1:] if row[0] == name]
        return dict(zip(self.rows[0], row, strict=True))

    def list_numbers(self) -> list[tuple[str, ...]]:
        """Return the rows without their heads, numbers without what parts their thousands."""
        return [(row[0], *(re.sub(r"[\s,]", "", cell) for cell in row[1:])) for row in self.rows[1:]]


class SinglePage(HTMLParser):
    """What somebody finds in a page: tables, headings, facts, pictures, words, and whatever it would fetch or run."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.tables: list[TableSeen] = []
        self.headings: list[tuple[int, str]] = []
        self.notices: list[str] = []
        self.facts: list[tuple[str, str]] = []
        self.pictures: list[dict[str, str]] = []
        self.styles = ""
        self.words = ""
        self._open: list[str] = []
        self._text = ""
        self.feed(text)
        self.close()
        assert self._open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "table":
            self.tables.append(TableSeen())
        elif tag == "tr":
            self.tables[-1].rows.append([])
        elif tag == "svg":
            self.pictures.append(dict(attrs))
        if tag in {"caption", "th", "td", "h1", "h2", "h3", "title", "desc", "dt", "dd"} or self._is_notice(tag, attrs):
            self._text = ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    @staticmethod
    def _is_notice(tag: str, attrs: list[tuple[str, str | None]]) -> bool:
        return tag == "div" and "notice" in (dict(attrs).get("class") or "")

    def handle_data(self, data: str) -> None:
        self._text += data
        if "style" in self._open:
            self.styles += data
        else:
            self.words += data

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, "elements are closed in their order"
        # whatever kind of space: a test says the words
        text = " ".join(self._text.split())
        if tag == "caption":
            self.tables[-1].caption = text
        elif tag in {"th", "td"}:
            self.tables[-1].rows[-1].append(text)
        elif tag in {"h1", "h2", "h3"}:
            self.headings.append((int(tag[1]), text))
        elif tag in {"title", "desc"} and "svg" in self._open:
            self.pictures[-1][tag] = text
        elif tag == "dt":
            self.facts.append((text, ""))
        elif tag == "dd":
            self.facts[-1] = (self.facts[-1][0], text)
        elif tag == "div":
            self.notices.append(text)

    def find_table(self, caption: str) -> TableSeen:
        """Return the only table whose caption holds these words."""
        (found,) = [table for table in self.tables if caption in table.caption]
        return found
