"""Descriptions of suppliers that are being written: every version is kept, sealed, with who wrote it and when."""

from __future__ import annotations

import json
from dataclasses import field
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select

from passerelle.stores.database import open_reader, open_writer
from passerelle.stores.sole_writer import WriterLock, open_sole_writer
from passerelle.stores.workbench_schema import description_draft
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Engine, Row

_DRAFT = description_draft.c


@dataclass(frozen=True, slots=True)
class DescriptionContent:
    """What a draft holds: a description in TOML, and the words of its code tables."""

    name: str
    text: str = field(repr=False)
    tables: Mapping[str, Mapping[str, str]] = field(repr=False)
    """By file: each word with its code, empty while nobody decided."""
    codes: Mapping[str, str] = field(default_factory=dict)
    """By file: the code list that the words stand for."""


@dataclass(frozen=True, slots=True)
class DescriptionDraft:
    """One version of a draft."""

    id: int
    version: int
    content: DescriptionContent
    who: str
    at: datetime


class DescriptionBook:
    """The part of the journal about descriptions that are being written. Every method is one transaction."""

    _engine: Engine

    def begin_description(self, content: DescriptionContent, *, who: str, now: datetime) -> int:
        """Keep the first version of a new draft, and return its number."""
        with open_sole_writer(self._engine, WriterLock.DESCRIPTIONS) as connection:
            number: int = connection.execute(select(func.coalesce(func.max(_DRAFT.draft), 0) + 1)).scalar_one()
            connection.execute(insert(description_draft).values(_to_row(number, 1, content, who, now)))
        return number

    def keep_description(
        self, draft: int, content: DescriptionContent, *, before: int, who: str, now: datetime
    ) -> bool:
        """Keep a version behind version `before`; false when another one is there already, or the draft is gone."""
        with open_sole_writer(self._engine, WriterLock.DESCRIPTIONS) as connection:
            last = connection.execute(select(func.max(_DRAFT.version)).where(_DRAFT.draft == draft)).scalar()
            if last != before:
                return False
            connection.execute(insert(description_draft).values(_to_row(draft, before + 1, content, who, now)))
        return True

    def list_descriptions(self) -> tuple[DescriptionDraft, ...]:
        """Return the last version of every draft, the latest first."""
        last = select(_DRAFT.draft, func.max(_DRAFT.version).label("version")).group_by(_DRAFT.draft).subquery()
        joined = description_draft.join(last, (_DRAFT.draft == last.c.draft) & (_DRAFT.version == last.c.version))
        wanted = select(description_draft).select_from(joined).order_by(_DRAFT.at.desc(), _DRAFT.draft.desc())
        with open_reader(self._engine) as connection:
            return tuple(_to_draft(row) for row in connection.execute(wanted))

    def find_descriptions(self, draft: int) -> tuple[DescriptionDraft, ...]:
        """Return the last version of a draft and the one before it; nothing for a draft that is not there."""
        wanted = select(description_draft).where(_DRAFT.draft == draft).order_by(_DRAFT.version.desc()).limit(2)
        with open_reader(self._engine) as connection:
            return tuple(_to_draft(row) for row in connection.execute(wanted))

    def remove_description(self, draft: int) -> None:
        """Remove a draft with all its versions."""
        with open_writer(self._engine) as connection:
            connection.execute(delete(description_draft).where(_DRAFT.draft == draft))


def _to_row(draft: int, version: int, content: DescriptionContent, who: str, now: datetime) -> dict[str, object]:
    held = {
        "name": content.name,
        "text": content.text,
        "tables": {file: dict(words) for file, words in content.tables.items()},
        "codes": dict(content.codes),
    }
    return {"draft": draft, "version": version, "content": json.dumps(held), "who": who, "at": now}


def _to_draft(row: Row[tuple[object, ...]]) -> DescriptionDraft:
    return DescriptionDraft(row.draft, row.version, DescriptionContent(**json.loads(row.content)), row.who, row.at)
