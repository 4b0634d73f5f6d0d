"""Consents: answers of persons by purpose, stored under keyed pseudonyms, so that the table names nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from passerelle.stores import schema
from passerelle.stores.database import insert_into, iter_slices, open_reader, open_writer, truncate_wal
from passerelle.vocabulary.composition import list_ref_forms

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Engine

    from passerelle.stores.seal import Seal

ALL_PURPOSES_ANSWER = "*"
"""The purpose of an answer that holds for all purposes."""
_CONSENT = schema.consent.c


class Consents:
    """Answers of persons by purpose. The latest answer counts; one for all purposes replaces all earlier ones."""

    def __init__(self, engine: Engine, seal: Seal) -> None:
        self._engine = engine
        self._seal = seal

    def record(self, person_ref: str, purpose: str, accepted: bool, now: datetime) -> None:  # noqa: FBT001  the answer itself
        """Record an answer, for one purpose or for `ALL_PURPOSES_ANSWER`."""
        person, *other_forms = forms = self._pseudonymise_person(person_ref)
        values = {"accepted": int(accepted), "recorded_at": now}
        with open_writer(self._engine) as connection:
            # Earlier answers to single purposes must go, or they would override this later one when read.
            if purpose == ALL_PURPOSES_ANSWER:
                connection.execute(delete(schema.consent).where(_CONSENT.person.in_(forms)))
            elif other_forms:
                replaced = _CONSENT.person.in_(other_forms) & (_CONSENT.purpose == purpose)
                connection.execute(delete(schema.consent).where(replaced))
            fresh = insert_into(connection, schema.consent).values(person=person, purpose=purpose, **values)
            connection.execute(fresh.on_conflict_do_update(index_elements=["person", "purpose"], set_=values))

    def find_answers(self, purpose: str, refs: Iterable[str]) -> dict[str, bool]:
        """Return the answers recorded for these persons; persons who never answered are absent."""
        # Most installations record no answers: one look spares pseudonyms and statements for every ref of a batch.
        with open_reader(self._engine) as connection:
            if connection.execute(select(_CONSENT.person).limit(1)).first() is None:
                return {}
        persons = list(dict.fromkeys(refs))
        forms = [(form, person) for person in persons for form in list_ref_forms(person)]
        digests = self._seal.pseudonymise_each("consent", [form for form, _person in forms])
        keys = {digest: person for digest, (_form, person) in zip(digests, forms, strict=True)}
        columns = (_CONSENT.person, _CONSENT.purpose, _CONSENT.recorded_at, _CONSENT.accepted)
        wanted = select(*columns).where(_CONSENT.purpose.in_((purpose, ALL_PURPOSES_ANSWER)))
        found: dict[str, tuple[bool, datetime, bool]] = {}
        with open_reader(self._engine) as connection:
            for some_keys in iter_slices(list(keys)):
                for key, scope, recorded_at, accepted in connection.execute(
                    wanted.where(_CONSENT.person.in_(some_keys))
                ):
                    # An answer for this very purpose is always later than one for all; else the later one counts.
                    answer = (scope != ALL_PURPOSES_ANSWER, recorded_at, bool(accepted))
                    found[keys[key]] = max(answer, found.get(keys[key], answer))
        return {person: accepted for person, (_is_own, _at, accepted) in found.items()}

    def count_answers(self) -> dict[tuple[str, bool], int]:
        """Count answers by purpose and answer."""
        by = (_CONSENT.purpose, _CONSENT.accepted)
        with open_reader(self._engine) as connection:
            rows = connection.execute(select(*by, func.count()).group_by(*by).order_by(*by)).all()
        return {(purpose, bool(accepted)): count for purpose, accepted, count in rows}

    def forget(self, person_ref: str) -> int:
        """Erase the answers of a person and return their number."""
        with open_writer(self._engine) as connection:
            erased = connection.execute(
                delete(schema.consent).where(_CONSENT.person.in_(self._pseudonymise_person(person_ref)))
            ).rowcount
        truncate_wal(self._engine)  # or the erased rows would stay in the log until the next checkpoint
        return erased

    def _pseudonymise_person(self, ref: str) -> list[bytes]:
        """Return the pseudonyms of a reference, that of its composed form first: earlier answers may be in another."""
        return self._seal.pseudonymise_each("consent", list(list_ref_forms(ref)))
