"""What stays behind in the old software, by name, in words: for plan, move and comparison alike."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.documents.sections import Section
from passerelle.switching.left_behind import LeftBehind, LeftKind
from passerelle.vocabulary.formatting import format_count, join_clauses, show_name
from passerelle.vocabulary.language import N_, _, translate_plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LEFT_KINDS: Mapping[LeftKind, str] = MappingProxyType(
    {
        LeftKind.WAIVED: N_("left unread on purpose"),
        LeftKind.CARRIED: N_("no field for it, and no place beside them in the new software"),
        LeftKind.UNKNOWN: N_("not known to the connector, and no place for it in the new software"),
        LeftKind.OUT_OF_SCOPE: N_("rows left out on purpose"),
    }
)


def build_left_section(left: Sequence[LeftBehind]) -> list[Section]:
    """Return the section that names all that stays behind; none when nothing does."""
    if not left:
        return []
    headers = (_("connector"), _("what stays behind"), _("why"), _("values"), _("accepted by"))
    rows = [
        (one.connector, format_left_name(one), _explain(one), format_count(one.values), _name_acceptor(one))
        for one in left
    ]
    open_count = count_undecided(left)
    sentences = []
    if open_count:
        words = translate_plural(
            "{count} column that nobody accepted to leave behind: the move waits for a decision.",
            "{count} columns that nobody accepted to leave behind: the move waits for a decision.",
            open_count,
        )
        sentences.append(words.format(count=format_count(open_count)))
    return [Section(_("What stays behind, by name"), tuple(sentences), headers, tuple(rows), (3,))]


def count_undecided(left: Sequence[LeftBehind]) -> int:
    """Count the columns that nobody accepted to leave behind."""
    return sum(one.kind.is_column and not one.accepted_by for one in left)


def format_left_name(one: LeftBehind) -> str:
    """Name a column, or the table that rows stand in with how many they are."""
    if one.kind.is_column:
        return show_name(one.name)
    words = translate_plural("{count} row", "{count} rows", one.rows).format(count=format_count(one.rows))
    return f"{show_name(one.name)} ({words})" if one.name else words


def _explain(one: LeftBehind) -> str:
    return join_clauses(filter(None, (_(LEFT_KINDS[one.kind]), one.reason)))


def _name_acceptor(one: LeftBehind) -> str:
    if one.kind.is_column:
        return join_clauses(filter(None, (one.accepted_by, one.why))) or "–"
    return ""
