"""What was recorded or said, as text and as JSON; persons are named by the lines on which they were typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.documents.text_table import write_table
from passerelle.stores.consents import ALL_PURPOSES_ANSWER
from passerelle.stores.statement_rules import ANYONE
from passerelle.vocabulary.formatting import format_count, format_moment
from passerelle.vocabulary.language import _, translate_plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from passerelle.engine.persons.consent_answers import RecordedAnswers, ReferencesMet
    from passerelle.engine.persons.person_withdrawing import PersonsWithdrawal
    from passerelle.stores.consents import RecordedStatement

_MOST_LINES = 20


def to_content(recorded: RecordedAnswers) -> dict[str, Any]:
    """Return what was recorded as JSON content."""
    met = recorded.met
    return {
        "count": met.count,
        "known": met.known,
        "unknown": len(met.unknown_lines),
        "unknown_lines": list(met.unknown_lines),
        "respelled_lines": list(met.respelled_lines),
        "alike_lines": list(met.alike_lines),
        "overruled_lines": list(recorded.overruled_lines),
    }


def format_recorded(recorded: RecordedAnswers) -> str:
    """Write what was recorded, and what should be looked at again."""
    words = translate_plural("{count} person: recorded.", "{count} persons: recorded.", recorded.met.count)
    lines = [words.format(count=format_count(recorded.met.count)), *_iter_met(recorded.met)]
    if recorded.overruled_lines:
        words = _("A refusal was said later and still counts ({lines}): «passerelle consent history» shows both.")
        lines.append(words.format(lines=_name_lines(recorded.overruled_lines)))
    if recorded.withdrawal is not None:
        lines += _iter_recipients(recorded.flows, recorded.withdrawal)
    return "\n".join(lines)


def format_forgotten(recorded: RecordedAnswers) -> str:
    """Write what was forgotten; that nothing was, where nobody had answered."""
    if not recorded.ended:
        return "\n".join([_("Nothing to forget: no answer of these references is recorded."), *_iter_met(recorded.met)])
    words = translate_plural("{count} answer: forgotten.", "{count} answers: forgotten.", recorded.ended)
    return "\n".join([words.format(count=format_count(recorded.ended)), *_iter_met(recorded.met)])


def describe_history(ref: str, entries: Sequence[RecordedStatement], *, reveal: bool) -> dict[str, Any]:
    """Return what one subject said as JSON content."""
    return {"ref": ref, "statements": [_describe_statement(entry, reveal=reveal) for entry in entries]}


def format_history(said: Mapping[str, Sequence[RecordedStatement]], *, reveal: bool) -> str:
    """Write what subjects said, oldest first."""
    return "\n\n".join("\n".join(_iter_history(ref, entries, reveal=reveal)) for ref, entries in said.items())


def _iter_history(ref: str, entries: Sequence[RecordedStatement], *, reveal: bool) -> Iterator[str]:
    yield ref
    if not entries:
        yield _("No answer is recorded.")
        return
    headers = [_("since"), _("answer"), _("purpose"), _("recipient"), _("until"), _("text"), _("counts"), _("proof")]
    rows = [_list_cells(entry) for entry in entries]
    if reveal:
        headers += [_("collected"), _("by")]
        for row, entry in zip(rows, entries, strict=True):
            row += [entry.statement.collected, entry.statement.collected_by]
    yield write_table(headers, rows)


def _list_cells(entry: RecordedStatement) -> list[str]:
    said = entry.statement
    answers = {True: _("accepted"), False: _("refused"), None: _("forgotten")}
    return [
        format_moment(said.since),
        answers[said.accepted],
        _("every purpose") if said.purpose == ALL_PURPOSES_ANSWER else said.purpose,
        _("everybody") if said.recipient == ANYONE else said.recipient,
        format_moment(said.until) if said.until else "",
        said.text_version,
        _("yes") if entry.counts else _("no"),
        said.proof[:12],
    ]


def _describe_statement(entry: RecordedStatement, *, reveal: bool) -> dict[str, Any]:
    said = entry.statement
    sealed = {"collected": said.collected, "collected_by": said.collected_by} if reveal else {}
    return {
        "accepted": said.accepted,
        "purpose": said.purpose,
        "recipient": said.recipient,
        "since": said.since.isoformat(),
        "until": said.until.isoformat() if said.until else None,
        "recorded_at": entry.recorded_at.isoformat(),
        "text": said.text_version,
        "proof": said.proof,
        "counts": entry.counts,
        **sealed,
    }


def _iter_met(met: ReferencesMet) -> Iterator[str]:
    """Yield how many of the references are known here, and which lines to look at again."""
    unknown = len(met.unknown_lines)
    yield _("Known here: {known}. Unknown: {unknown}.").format(
        known=format_count(met.known), unknown=format_count(unknown)
    )
    if unknown == met.count:
        yield _("None of these references matches anybody whose records passed here: check the system and the number.")
    elif unknown:
        yield _("Nobody known here has these references ({lines}).").format(lines=_name_lines(met.unknown_lines))
    if met.respelled_lines:
        words = _("Known in another spelling, which is the same for this supplier ({lines}): it holds for that person.")
        yield words.format(lines=_name_lines(met.respelled_lines))
    if met.alike_lines:
        words = _(
            "Only a reference that looks like it is known, with other capitals, accents or zeros ({lines}): check it. "
            "The answer holds for the reference as it is written."
        )
        yield words.format(lines=_name_lines(met.alike_lines))


def describe_withdrawal(withdrawal: PersonsWithdrawal | None) -> dict[str, Any]:
    """Return what a withdrawal did at recipients as JSON content; nothing where there was none."""
    if withdrawal is None:
        return {}
    told = withdrawal.list_file
    return {"withdrawn": withdrawal.withdrawn, "remaining": withdrawal.remaining, "list": told.name if told else None}


def _iter_recipients(flows: Sequence[str], withdrawal: PersonsWithdrawal) -> Iterator[str]:
    if not flows and not withdrawal.flows:
        yield _("No record of these persons went through a flow: no recipient has to be told.")
        return
    if flows:
        yield _("Records of these persons went through: {flows}.").format(flows=", ".join(flows))
    for flow in withdrawal.flows:
        words = _("{flow}: {withdrawn} records deleted at the recipient, {remaining} could not be.")
        counts = {"withdrawn": format_count(flow.withdrawn), "remaining": format_count(len(flow.remaining))}
        yield words.format(flow=flow.flow, **counts)
    if withdrawal.list_file is not None:
        says = _("{count} records could not be deleted by us: people have to, with the list «{file}».")
        yield says.format(count=format_count(withdrawal.remaining), file=withdrawal.list_file.name)
    elif not withdrawal.flows:
        yield _("Nothing of what they withdraw from is at a recipient: there is nothing to delete.")


def _name_lines(lines: Sequence[int]) -> str:
    words = translate_plural("line {lines}", "lines {lines}", len(lines))
    more = " …" if len(lines) > _MOST_LINES else ""
    return words.format(lines=", ".join(map(str, lines[:_MOST_LINES])) + more)
