"""What a page of the workbench is made of: typed parts, which one template writes. Everything is escaped there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from passerelle.documents.blocks import Heading, Paragraph

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

__all__ = [
    "BarChart",
    "CellChoice",
    "CellEntry",
    "CellLink",
    "DataTable",
    "DayBar",
    "FactList",
    "FormField",
    "Heading",
    "LinkList",
    "LivePart",
    "PageBlock",
    "PageCell",
    "PageForm",
    "PageNotice",
    "PagePart",
    "PagePicture",
    "PageRedirect",
    "Paragraph",
    "PasskeyForm",
    "TextChanges",
    "WebPage",
]


@dataclass(frozen=True, slots=True)
class CellLink:
    """A link in a cell or a list. Its address holds numbers and codes of ours alone."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class CellEntry:
    """A place to write in a cell, with the label that a screen reader says."""

    name: str
    label: str
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class CellChoice:
    """Something to choose in a cell, with the label that a screen reader says."""

    name: str
    label: str
    choices: tuple[tuple[str, str], ...]
    """What a form sends, and what people read."""
    text: str = field(default="", repr=False)


PageCell: TypeAlias = str | int | CellLink | CellEntry | CellChoice


@dataclass(frozen=True, slots=True)
class PageNotice:
    """A message set apart; `kind` is `info`, `done`, `doubt` or `fault`, and its title says which in words."""

    kind: str
    title: str
    text: str = ""
    link: CellLink | None = None


@dataclass(frozen=True, slots=True)
class FactList:
    """Labels and what they stand for."""

    facts: tuple[tuple[str, PageCell], ...]


@dataclass(frozen=True, slots=True)
class DataTable:
    """A table with one head row; the first column names the row. Whole numbers are written with their thousands."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[PageCell, ...], ...]
    empty: str = ""
    """Said in place of a table without rows."""
    opener: str = ""
    """What opens it, where it is shown only to whoever wants it."""


@dataclass(frozen=True, slots=True)
class DayBar:
    """One day of a chart: what was delivered, what went on without delivery (known already), what was set aside."""

    day: str
    """In words."""
    mark: str
    """The day as its axis has room for it."""
    delivered: int
    known: int
    aside: int

    @property
    def received(self) -> int:
        """Everything that came."""
        return self.delivered + self.known + self.aside


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars by day, with the same figures as a table below."""

    id: str
    title: str
    days: tuple[DayBar, ...]
    summary: str = ""
    """The same in a sentence, for whoever does not see it."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One labelled place to write, or to choose."""

    name: str
    label: str
    hint: str = ""
    error: str = ""
    text: str = field(default="", repr=False)
    kind: str = "text"
    """`text`, `lines` (several), `password`, `number`, `file`, `files` (several), or `choice`."""
    choices: tuple[tuple[str, str], ...] = ()
    """What a form sends, and what people read."""
    is_required: bool = True
    most: int = 500
    """Characters."""
    autocomplete: str = "off"


@dataclass(frozen=True, slots=True)
class PageForm:
    """A form that acts. It carries the session's key, and needs no script."""

    action: str
    submit: str
    fields: tuple[FormField, ...] = ()
    table: DataTable | None = None
    """Places to write, in a table."""
    hidden: tuple[tuple[str, str], ...] = ()
    is_quiet: bool = False
    """Not what most people come for: its button is drawn without emphasis."""
    has_file: bool = False
    also: tuple[tuple[str, str, str], ...] = ()
    """Further buttons: name, value, words."""
    verdict: str = ""
    """Where the form is sent while somebody types, to show what would become of it; a button does the same."""


@dataclass(frozen=True, slots=True)
class PasskeyForm:
    """A form that a passkey fills in, by the script; without one, a sentence says what else there is."""

    action: str
    challenge: str
    """Where the script asks what the passkey signs."""
    submit: str
    fields: tuple[FormField, ...] = ()
    without: str = ""
    """Said where there are no scripts, or the browser knows no passkeys."""


@dataclass(frozen=True, slots=True)
class TextChanges:
    """What became of a text, line by line: each begins with `+` (new), `-` (gone) or a space (as before)."""

    caption: str
    lines: tuple[str, ...] = field(repr=False)
    empty: str
    """Said where nothing changed."""


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A drawing of figures, which stand in a table below; wide ones are looked at by scrolling in their own region."""

    title: str
    drawing: Markup = field(repr=False)
    """SVG, escaped where it was drawn, without any style of its own."""


@dataclass(frozen=True, slots=True)
class LinkList:
    """Links to where one goes on from here."""

    links: tuple[CellLink, ...]


@dataclass(frozen=True, slots=True)
class LivePart:
    """A part that is read again now and then while somebody looks; empty `source`: only when something else says so."""

    id: str
    blocks: Sequence[PageBlock]
    source: str = ""
    """The address of the part alone."""


PageBlock: TypeAlias = (
    Heading
    | Paragraph
    | PageNotice
    | FactList
    | DataTable
    | BarChart
    | PageForm
    | PagePicture
    | PasskeyForm
    | LinkList
    | LivePart
    | TextChanges
)


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page: its title, the way back, and its parts in order."""

    title: str
    blocks: Sequence[PageBlock]
    trail: tuple[CellLink, ...] = ()
    """The pages above it."""
    status: int = 200
    has_script: bool = False
    """Whether it loads the script that spares a click and does nothing that a button does not."""
    script: str = ""
    """Another script of ours that it loads."""


@dataclass(frozen=True, slots=True)
class PagePart:
    """A part of a page, for the script to put in its place."""

    blocks: Sequence[PageBlock]


@dataclass(frozen=True, slots=True)
class PageRedirect:
    """Where the browser goes after something was done, and what that page says once."""

    href: str
    message: str = ""
