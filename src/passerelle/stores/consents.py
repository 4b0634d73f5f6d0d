"""What persons and professionals said about the use of their records: statements, appended only, naming nobody.

A subject is a keyed pseudonym of its reference, and of the three forms that a supplier's rule of spelling may hold to
be the same. How and by whom a statement was collected is sealed; the text that was shown is named by its version, and
its proof by a digest (RGPD, article 7, paragraph 1).
"""

from __future__ import annotations

import json
from dataclasses import field, replace
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update

from passerelle.stores import schema
from passerelle.stores.database import insert_into, iter_slices, open_reader, open_writer, truncate_wal
from passerelle.stores.following_schema import renewal_mark
from passerelle.stores.sole_writer import WriterLock, open_sole_writer
from passerelle.stores.statement_rules import (
    ANYONE,
    EVERYTHING,
    StatedAnswer,
    decide_answer,
    drop_forgotten,
    list_standing,
)
from passerelle.stores.trail import append_entry
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.ref_spelling import EXACT, LOOSEST, SpellingRule, list_spellings, normalise_ref

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine, Row

    from passerelle.stores.seal import Seal
    from passerelle.stores.trail import AuditEntry

ALL_PURPOSES_ANSWER = EVERYTHING
"""The purpose of an answer that holds for all purposes."""
_STATEMENT = schema.statement.c
_RULES = {
    "caseless": SpellingRule(ignores_case=True),
    "zeroless": SpellingRule(ignores_zeros=True),
    "plain": LOOSEST,
}
"""Columns of the folded forms of a reference."""
_COLUMN_OF = {rule: name for name, rule in _RULES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one person or professional said, as it was collected."""

    subject: str = field(repr=False)
    """Their reference."""
    accepted: bool | None
    """None: what was said before counts no more, as if nobody had asked."""
    since: datetime
    purpose: str = EVERYTHING
    recipient: str = ANYONE
    until: datetime | None = None
    """The moment from which it does not hold any more."""
    collected: str = field(default="", repr=False)
    """How: on paper, in an interview."""
    collected_by: str = field(default="", repr=False)
    text_version: str = ""
    """Which text the person was shown."""
    proof: str = ""
    """SHA-256 of the proof, which is kept elsewhere."""


@dataclass(frozen=True, slots=True)
class ChangedAnswers:
    """Statements by which what may be read of somebody has changed."""

    numbers: frozenset[int]
    latest: int
    """The number of the last statement that was there."""
    at: datetime
    goes_back: bool = False
    """Whether the clock was ahead of this moment when followers were brought by last."""


@dataclass(frozen=True, slots=True)
class RecordedStatement:
    """A statement as it is kept; its subject is what the reader asked for."""

    statement: Statement
    recorded_at: datetime
    counts: bool
    """Whether it stands: not forgotten, not replaced."""


def _find_no_rules() -> Mapping[str, SpellingRule]:
    return {}


class Consents:
    """The book of statements: appended only, read as the latest answer that applies."""

    def __init__(
        self, engine: Engine, seal: Seal, rules: Callable[[], Mapping[str, SpellingRule]] = _find_no_rules
    ) -> None:
        """`rules` finds, by source system, what its connectors hold to be the same id."""
        self._engine = engine
        self._seal = seal
        self._rules = rules

    def append(
        self,
        statements: Sequence[Statement],
        now: datetime,
        describe_act: Callable[[Statement], AuditEntry] | None = None,
    ) -> None:
        """Append statements, and to the audit trail what `describe_act` returns of each, in one transaction."""
        # alone: whoever tells followers goes on from the last number, below which none may appear any more
        with open_sole_writer(self._engine, WriterLock.CONSENTS) as connection:
            for statement in statements:
                connection.execute(insert(schema.statement), self._to_row(statement, now))
                if describe_act is not None:
                    append_entry(connection, self._seal, describe_act(statement))

    def record(self, person_ref: str, purpose: str, accepted: bool, now: datetime) -> None:  # noqa: FBT001  the answer itself
        """Append an answer of which nothing else is known, for one purpose or for `ALL_PURPOSES_ANSWER`."""
        self.append([Statement(subject=person_ref, purpose=purpose, accepted=accepted, since=now)], now)

    def forget(
        self,
        refs: Sequence[str],
        now: datetime,
        describe_act: Callable[[Statement], AuditEntry] | None = None,
    ) -> dict[str, int]:
        """End what these subjects said, as if nobody had asked; return how many answers each of them had.

        The statements stay, as proof of what was done before; nothing is appended for who never answered.
        """
        counts = {ref: len(list_standing(self._find(ref), now)) for ref in refs}
        ended = [Statement(subject=ref, accepted=None, since=now) for ref, count in counts.items() if count]
        self.append(ended, now, describe_act)
        return counts

    def find_answers(
        self, purpose: str, refs: Iterable[str], now: datetime, *, recipients: Sequence[str] = ()
    ) -> dict[str, bool]:
        """Return what these subjects answered for a purpose and a recipient; who never answered is absent.

        `recipients` are all names of the one recipient. For one without a name, a refusal to whomever holds.
        """
        # Most installations record no answers: one look spares pseudonyms and statements for every ref of a batch.
        with open_reader(self._engine) as connection:
            if connection.execute(select(_STATEMENT.id).limit(1)).first() is None:
                return {}
            found = self._find_each(connection, list(dict.fromkeys(refs)))
        answers = {ref: decide_answer(rows, purpose, recipients, now) for ref, rows in found.items()}
        return {ref: answer for ref, answer in answers.items() if answer is not None}

    def find_changed(self, now: datetime) -> ChangedAnswers:
        """Return which statements came, or ended, since followers were last brought by the records of who made them."""
        with open_reader(self._engine) as connection:
            mark = connection.execute(select(renewal_mark)).first()
            latest = connection.execute(select(func.max(_STATEMENT.id))).scalar_one() or 0
            before, since = (mark.statement, mark.at) if mark is not None else (0, now)
            # a clock that was ahead told the end of answers that stand again now that it is set right
            is_over = (_STATEMENT.until > min(since, now)) & (_STATEMENT.until <= max(since, now))
            rows = connection.execute(select(_STATEMENT.id).where((_STATEMENT.id > before) | is_over)).scalars().all()
        return ChangedAnswers(frozenset(rows), latest, now, goes_back=since > now)

    def find_changed_subjects(self, refs: Sequence[str], changed: ChangedAnswers) -> frozenset[str]:
        """Return which of some subjects made one of these statements."""
        with open_reader(self._engine) as connection:
            found = self._find_each(connection, refs)
        return frozenset(ref for ref, rows in found.items() if any(row.number in changed.numbers for row in rows))

    def keep_mark(self, changed: ChangedAnswers) -> None:
        """Note that followers were brought by all records that are named by these statements."""
        values = {"id": 1, "statement": changed.latest, "at": changed.at}
        with open_writer(self._engine) as connection:
            kept = insert_into(connection, renewal_mark).values(values)
            connection.execute(kept.on_conflict_do_update(index_elements=["id"], set_=values))

    def list_statements(self, ref: str, now: datetime) -> list[RecordedStatement]:
        """List all that a subject said, oldest first, opened."""
        rows = self._find(ref)
        standing = {row.number for row in list_standing(rows, now)}
        return [
            RecordedStatement(replace(opened, subject=ref), recorded_at, number in standing)
            for number, opened, recorded_at in self._open([row.number for row in rows])
        ]

    def count_answers(self, now: datetime) -> dict[tuple[str, bool], int]:
        """Count the answers that stand, by purpose and answer."""
        by_subject: dict[bytes, list[StatedAnswer]] = {}
        with open_reader(self._engine) as connection:
            for row in connection.execute(_SELECT.order_by(_STATEMENT.id)):
                by_subject.setdefault(row.subject, []).append(_to_answer(row))
        counts: dict[tuple[str, bool], int] = {}
        for rows in by_subject.values():
            for answer in list_standing(rows, now):
                by = (answer.purpose, bool(answer.accepted))
                counts[by] = counts.get(by, 0) + 1
        return dict(sorted(counts.items()))

    def _find(self, ref: str) -> list[StatedAnswer]:
        with open_reader(self._engine) as connection:
            return self._find_each(connection, [ref]).get(ref, [])

    def _find_each(self, connection: Connection, refs: Sequence[str]) -> dict[str, list[StatedAnswer]]:
        """Return the statements of each subject that made one, oldest first."""
        found: dict[str, dict[int, StatedAnswer]] = {}
        for column, keys in self._list_keys(refs).items():
            for some_keys in iter_slices(list(keys)):
                for row in connection.execute(_SELECT.where(_STATEMENT[column].in_(some_keys))):
                    for ref in keys[row._mapping[column]]:  # noqa: SLF001  SQLAlchemy's public name for a row as a mapping
                        found.setdefault(ref, {})[row.id] = _to_answer(row)
        return {ref: [rows[number] for number in sorted(rows)] for ref, rows in found.items()}

    def _list_keys(self, refs: Sequence[str]) -> dict[str, dict[bytes, list[str]]]:
        """Return, by column, the pseudonyms under which to look, each with the references that it stands for."""
        spelled = [(spelling, ref) for ref in refs for spelling in list_spellings(ref)]
        keys = {"subject": self._pseudonymise("subject", spelled)}
        for name, folded in self._fold_by_rule(refs).items():
            keys[name] = self._pseudonymise(name, folded)
        return keys

    def _fold_by_rule(self, refs: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
        """Return, by column, references in the form that the rule of their system makes of them."""
        rules = {system: rule for system, rule in self._rules().items() if rule != EXACT}
        folded: dict[str, list[tuple[str, str]]] = {}
        for ref in refs if rules else ():
            if (rule := rules.get(ref.partition(":")[0])) is not None:
                folded.setdefault(_COLUMN_OF[rule], []).append((normalise_ref(ref, rule), ref))
        return folded

    def _pseudonymise(self, column: str, texts: Sequence[tuple[str, str]]) -> dict[bytes, list[str]]:
        keys: dict[bytes, list[str]] = {}
        digests = self._seal.pseudonymise_each(_LABELS[column], [text for text, _ref in texts])
        for digest, (_text, ref) in zip(digests, texts, strict=True):
            keys.setdefault(digest, []).append(ref)
        return keys

    def _to_row(self, statement: Statement, now: datetime) -> dict[str, object]:
        ref = statement.subject
        subject = self._seal.pseudonymise(_LABELS["subject"], list_spellings(ref)[0])
        words = json.dumps([statement.collected, statement.collected_by]).encode()
        return {
            "subject": subject,
            **{name: self._seal.pseudonymise(_LABELS[name], normalise_ref(ref, rule)) for name, rule in _RULES.items()},
            "purpose": statement.purpose,
            "recipient": statement.recipient,
            "answer": None if statement.accepted is None else int(statement.accepted),
            "since": statement.since,
            "until": statement.until,
            "recorded_at": now,
            "text_version": statement.text_version,
            "proof": statement.proof,
            "words": self._seal.seal(words, about=bind_words(subject)),
        }

    def _open(self, numbers: Sequence[int]) -> list[tuple[int, Statement, datetime]]:
        wanted = select(schema.statement).where(_STATEMENT.id.in_(numbers)).order_by(_STATEMENT.id)
        with open_reader(self._engine) as connection:
            return [(row.id, self._to_statement(row), row.recorded_at) for row in connection.execute(wanted)]

    def _to_statement(self, row: Row[tuple[object, ...]]) -> Statement:
        collected, collected_by = self._open_words(row)
        return Statement(
            subject="",
            accepted=None if row.answer is None else bool(row.answer),
            since=row.since,
            purpose=row.purpose,
            recipient=row.recipient,
            until=row.until,
            collected=collected,
            collected_by=collected_by,
            text_version=row.text_version,
            proof=row.proof,
        )

    def _open_words(self, row: Row[tuple[object, ...]]) -> tuple[str, str]:
        """Return how and by whom a statement was collected; empty where nobody was asked, or once it was erased."""
        if not row.words:
            return "", ""
        try:
            collected, collected_by = json.loads(self._seal.open(row.words, about=bind_words(row.subject)))
        except FatalError as error:
            # erased since this copy of the state was made
            if error.code != "incident.seal.destroyed":
                raise
            return "", ""
        return collected, collected_by

    def has_answered(self, ref: str) -> bool:
        """Whether a subject ever answered, for whatever purpose."""
        return bool(self._find(ref))

    def erase_statements(self, ref: str) -> int:
        """Erase what a subject said but refusals, and return how many statements that were.

        Refusals stay, or they would not bind: of each a keyed pseudonym, purpose, recipient and days; not how and by
        whom it was collected, nor its proof. Those that were forgotten go as well: they bind nobody.
        """
        with open_writer(self._engine) as connection:
            rows = self._find_each(connection, [ref]).get(ref, [])
            kept = [row.number for row in drop_forgotten(rows) if row.accepted is False]
            gone = [row.number for row in rows if row.number not in kept]
            envelopes: list[bytes] = []
            for some in iter_slices([*kept, *gone]):
                wanted = select(_STATEMENT.words).where(_STATEMENT.id.in_(some), _STATEMENT.words.is_not(None))
                envelopes += connection.execute(wanted).scalars()
            for some in iter_slices(gone):
                connection.execute(delete(schema.statement).where(_STATEMENT.id.in_(some)))
            for some in iter_slices(kept):
                bare = update(schema.statement).where(_STATEMENT.id.in_(some))
                connection.execute(bare.values(words=None, proof=""))
        truncate_wal(self._engine)
        self._seal.destroy(envelopes)
        return len(gone)


_LABELS = {"subject": "consent", **{name: f"consent/{name}" for name in _RULES}}
"""What each column's pseudonyms are for: those of two columns cannot be compared."""
_SELECT = select(*(column for column in schema.statement.c if column.name not in ("words", "proof", "text_version")))


def _to_answer(row: Row[tuple[object, ...]]) -> StatedAnswer:
    return StatedAnswer(
        number=row.id,
        accepted=None if row.answer is None else bool(row.answer),
        purpose=row.purpose,
        recipient=row.recipient,
        since=row.since,
        until=row.until,
    )


def bind_words(subject: bytes) -> bytes:
    """Return what the sealed particulars of a statement are bound to."""
    return b"statement/" + subject
