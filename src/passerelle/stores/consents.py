"""Consents: what a person answered, under a keyed pseudonym; whoever reads the table learns no name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import case, delete, func, select

from passerelle.stores import schema
from passerelle.stores.database import insert_into, iter_slices, open_reader, open_writer, truncate_wal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Engine

    from passerelle.stores.seal import Seal

ALL_PURPOSES_ANSWER = "*"
"""An answer for all purposes."""
_CONSENT = schema.consent.c


class Consents:
    """Answers of persons by purpose. The latest answer counts: one for everything replaces all earlier ones."""

    def __init__(self, engine: Engine, seal: Seal) -> None:
        self._engine = engine
        self._seal = seal

    def record(self, person_ref: str, purpose: str, accepted: bool, now: datetime) -> None:  # noqa: FBT001  the answer itself
        """Record an answer, for a purpose or for EVERYTHING."""
        person = self._person(person_ref)
        values = {"accepted": int(accepted), "recorded_at": now}
        with open_writer(self._engine) as connection:
            if purpose == ALL_PURPOSES_ANSWER:
                connection.execute(delete(schema.consent).where(_CONSENT.person == person))
            fresh = insert_into(connection, schema.consent).values(person=person, purpose=purpose, **values)
            connection.execute(fresh.on_conflict_do_update(index_elements=["person", "purpose"], set_=values))

    def find_answers(self, purpose: str, refs: Iterable[str]) -> dict[str, bool]:
        """Give the answers that are known for these persons; who never answered is left out."""
        if not self._anybody():
            return {}
        persons = list(dict.fromkeys(refs))
        keys = dict(zip(self._seal.pseudonymise_each("consent", persons), persons, strict=True))
        # The answer for everything first, so that one for this very purpose, always later, replaces it.
        order = case((_CONSENT.purpose == ALL_PURPOSES_ANSWER, 0), else_=1)
        wanted = select(_CONSENT.person, _CONSENT.accepted).where(_CONSENT.purpose.in_((purpose, ALL_PURPOSES_ANSWER)))
        found: dict[str, bool] = {}
        with open_reader(self._engine) as connection:
            for some in iter_slices(list(keys)):
                for key, accepted in connection.execute(wanted.where(_CONSENT.person.in_(some)).order_by(order)):
                    found[keys[key]] = bool(accepted)
        return found

    def _anybody(self) -> bool:
        """Say whether anybody answered at all: most often nobody did, and no ref need be looked up."""
        with open_reader(self._engine) as connection:
            return connection.execute(select(_CONSENT.person).limit(1)).first() is not None

    def count_answers(self) -> dict[tuple[str, bool], int]:
        """Count answers by purpose and answer."""
        by = (_CONSENT.purpose, _CONSENT.accepted)
        with open_reader(self._engine) as connection:
            rows = connection.execute(select(*by, func.count()).group_by(*by).order_by(*by)).all()
        return {(purpose, bool(accepted)): count for purpose, accepted, count in rows}

    def forget(self, person_ref: str) -> int:
        """Erase what a person answered; say how many answers there were."""
        with open_writer(self._engine) as connection:
            erased = connection.execute(
                delete(schema.consent).where(_CONSENT.person == self._person(person_ref))
            ).rowcount
        truncate_wal(self._engine)
        return erased

    def _person(self, ref: str) -> bytes:
        return self._seal.pseudonymise("consent", ref)
