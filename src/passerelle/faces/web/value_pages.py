"""The distinct values of a cause, under a grant: each is corrected once, and judged before its records go on.

The judge is that of the page of one record: the path of a replay, and nothing is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.engine.quarantine import value_grants
from passerelle.faces.web.blocks import (
    CellEntry,
    DataTable,
    LivePart,
    PageForm,
    PageNotice,
    PagePart,
    PageRedirect,
    Paragraph,
    WebPage,
)
from passerelle.faces.web.local_moments import tell_moment
from passerelle.faces.web.plain_words import explain_plainly
from passerelle.faces.web.quarantine_pages import find_cause, list_trail, tell_replay
from passerelle.faces.web.rights import Right
from passerelle.faces.web.row_pages import describe_finding
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import format_count, show_name
from passerelle.vocabulary.language import _, translate_plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.engine.quarantine.value_grants import ValueGrant, ValueVerdict
    from passerelle.faces.web.blocks import PageBlock, PageCell
    from passerelle.faces.web.visits import PageVisit
    from passerelle.stores.quarantine_causes import QuarantineCause

MOST_VALUES = 200
_LONGEST_VALUE = 300
"""Characters of a value that are shown."""
_MOST_FINDINGS = 5
"""Of one value."""
_TRY, _ALL_THE_SAME = "essayer", "reprendre"


def show_values(visit: PageVisit) -> WebPage | PageRedirect:
    """Return the distinct values of a cause's column, with a place beside each for the corrected one."""
    cause = find_cause(visit)
    grant = _find_grant(visit, cause)
    if grant is None:
        return PageRedirect(f"/quarantaine/causes/{cause.id}")
    return _write_values(visit, cause, grant)


def try_values(visit: PageVisit) -> PagePart | PageRedirect:
    """Return what would become of the records with what is typed, for their page to show; nothing is kept."""
    cause = find_cause(visit)
    grant = _find_grant(visit, cause)
    if grant is None:
        return PageRedirect(f"/quarantaine/causes/{cause.id}")
    return PagePart(_describe_verdicts(value_grants.try_values(visit.workspace, grant, _read_texts(visit))))


def correct(visit: PageVisit) -> WebPage | PageRedirect:
    """Replace the values for which something was written, and register their records for the next run.

    Where some would be set aside again, the page says so first, and asks once more.
    """
    cause = find_cause(visit)
    grant = visit.signed.grants.get(cause.id)
    if grant is None:
        raise UsageError("usage.grant.over")
    texts, act = _read_texts(visit), visit.form.get("faire", "")
    if act != _ALL_THE_SAME:
        verdicts = value_grants.try_values(visit.workspace, grant, texts)
        if act == _TRY or any(one.verdict.aside for one in verdicts):
            return _write_values(visit, cause, grant, texts, verdicts)
    count = value_grants.correct_values(visit.workspace, grant, texts)
    return PageRedirect(f"/quarantaine/causes/{cause.id}", tell_replay(count))


def _find_grant(visit: PageVisit, cause: QuarantineCause) -> ValueGrant | None:
    grant = visit.signed.grants.get(cause.id)
    return grant if grant is not None and grant.is_open(visit.workspace.clock.now()) else None


def _read_texts(visit: PageVisit) -> dict[str, str]:
    """Return what was typed, by the key of the value that it replaces."""
    return {name[2:]: text for name, text in visit.form.items() if name.startswith("v-") and text.strip()}


def _write_values(
    visit: PageVisit,
    cause: QuarantineCause,
    grant: ValueGrant,
    typed: Mapping[str, str] | None = None,
    verdicts: Sequence[ValueVerdict] = (),
) -> WebPage:
    values = value_grants.list_values(visit.workspace, grant)
    sentence, advice = explain_plainly(cause.reason, cause.details, cause.contract)
    until = _("You see these values until {moment}: your reason is in the audit trail.")
    blocks: list[PageBlock] = [
        PageNotice("info", until.format(moment=tell_moment(grant.ends))),
        Paragraph(f"{sentence} {advice}"),
    ]
    rows: list[tuple[PageCell, ...]] = []
    for value in values[:MOST_VALUES]:
        label = _("Corrected value in place of «{text}»").format(text=_shorten(value.text))
        entry = CellEntry(f"v-{value.key}", label, (typed or {}).get(value.key, ""))
        rows.append((_shorten(value.text), len(value.items), entry))
    heads = (_("value as it came"), _("records"), _("corrected value"))
    caption = _("Distinct values of column «{name}»").format(name=show_name(cause.column))
    table = DataTable(caption, heads, tuple(rows), _("No record of this cause holds a value any more."))
    may_correct = bool(rows) and visit.visitor.may(Right.CORRECT)
    if may_correct:
        blocks.append(Paragraph(_("Write the corrected value once; a place left empty changes nothing.")))
        blocks.append(LivePart("verdict", _describe_verdicts(verdicts)))
        blocks.append(_make_form(cause, table, is_doubtful=any(one.verdict.aside for one in verdicts)))
    else:
        blocks.append(table)
    if len(values) > MOST_VALUES or cause.count > len(grant.items):
        blocks.append(Paragraph(_("There are more: they are shown once these are corrected."), is_note=True))
    return WebPage(_("Values to correct"), blocks, list_trail(cause), has_script=may_correct)


def _make_form(cause: QuarantineCause, table: DataTable, *, is_doubtful: bool) -> PageForm:
    base = f"/quarantaine/causes/{cause.id}"
    also = [("faire", _TRY, _("Look what would become of them"))]
    if is_doubtful:
        also.append(("faire", _ALL_THE_SAME, _("Take up again all the same")))
    submit = _("Correct and take up again")
    return PageForm(f"{base}/valeurs", submit, table=table, verdict=f"{base}/verdict", also=tuple(also))


def _describe_verdicts(verdicts: Sequence[ValueVerdict]) -> list[PageBlock]:
    """Return what a run would make of the records of each corrected value, in counts and causes."""
    blocks: list[PageBlock] = []
    for one in verdicts:
        told, text = one.verdict, _shorten(one.text)
        if not told.aside:
            words = translate_plural(
                "With «{text}», {count} record would be accepted.",
                "With «{text}», {count} records would be accepted.",
                told.rows,
            )
            blocks.append(PageNotice("done", words.format(text=text, count=format_count(told.rows))))
            continue
        words = translate_plural(
            "With «{text}», {count} record of {all} would be set aside again.",
            "With «{text}», {count} records of {all} would be set aside again.",
            told.aside,
        )
        figures = {"count": format_count(told.aside), "all": format_count(told.rows)}
        blocks.append(PageNotice("doubt", words.format(text=text, **figures)))
        # doubts of records that go on all the same are not what is to be decided here
        blocks += [describe_finding(finding) for finding in told.findings if finding.fate][:_MOST_FINDINGS]
    return blocks


def _shorten(text: str) -> str:
    return f"{text[:_LONGEST_VALUE]}…" if len(text) > _LONGEST_VALUE else text
