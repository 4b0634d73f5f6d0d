"""Who the owner of an account is to a provider of identities: bound once, by an invitation, an address or a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from passerelle.stores.database import insert_into, open_reader
from passerelle.stores.sign_in_schema import account_identity
from passerelle.stores.sole_writer import WriterLock, open_sole_writer
from passerelle.stores.trail import append_entry
from passerelle.stores.workbench_schema import account
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from passerelle.stores.seal import Seal
    from passerelle.stores.trail import AuditEntry

_ACCOUNT, _IDENTITY = account.c, account_identity.c


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose account a subject of a provider is."""

    account: int
    by_groups: bool
    """Whether the account was made for groups that the provider tells, and has the roles of these."""


class IdentityBook:
    """The part of the journal about persons whom a provider of identities knows. Every method is one transaction."""

    _engine: Engine
    _seal: Seal

    def find_identity(self, issuer: str, subject: str) -> Identity | None:
        """Return whose account a subject of a provider is; None when it is nobody's."""
        wanted = select(account_identity).where(_IDENTITY.issuer == issuer, _IDENTITY.subject == subject)
        with open_reader(self._engine) as connection:
            row = connection.execute(wanted).first()
        return Identity(row.account_id, row.by_groups) if row else None

    def has_identity(self, number: int) -> bool:
        """Whether the owner of an account signs in through a provider."""
        with open_reader(self._engine) as connection:
            return number in find_bound(connection)

    def bind_identity(self, number: int, issuer: str, subject: str, *, invitation: str, act: AuditEntry) -> bool:
        """Use an invitation up for a subject; false when it was used meanwhile, or the subject has an account."""
        wanted = update(account).where(
            _ACCOUNT.id == number,
            _ACCOUNT.invitation == invitation,
            _ACCOUNT.invitation != "",
            _ACCOUNT.disabled_at.is_(None),
        )
        with open_sole_writer(self._engine, WriterLock.ACCOUNTS) as connection:
            kept = insert_into(connection, account_identity).values(
                account_id=number, issuer=issuer, subject=subject, by_groups=False, at=act.at
            )
            added = kept.on_conflict_do_nothing(index_elements=["issuer", "subject"]).returning(_IDENTITY.id)
            if connection.execute(added).first() is None:
                return False
            if not connection.execute(wanted.values(invitation="", invited_until=None)).rowcount:
                connection.execute(
                    delete(account_identity).where(_IDENTITY.issuer == issuer, _IDENTITY.subject == subject)
                )
                return False
            append_entry(connection, self._seal, act)
            return True

    def keep_group_account(
        self, name: str, issuer: str, subject: str, *, roles: str, flows: str, act: AuditEntry
    ) -> bool:
        """Make an account for a subject whose groups have roles; false when the name or the subject has one."""
        empty = {"secret": "", "code_key": "", "code_step": 0, "invitation": "", "invited_until": None}
        values = {"name": name, "roles": roles, "flows": flows, **empty}
        with open_sole_writer(self._engine, WriterLock.ACCOUNTS) as connection:
            known = select(_IDENTITY.id).where(_IDENTITY.issuer == issuer, _IDENTITY.subject == subject)
            if (
                connection.execute(known).first()
                or connection.execute(select(_ACCOUNT.id).where(_ACCOUNT.name == name)).first()
            ):
                return False
            connection.execute(insert(account).values(values))
            number = connection.execute(select(_ACCOUNT.id).where(_ACCOUNT.name == name)).scalar_one()
            kept = {"account_id": number, "issuer": issuer, "subject": subject, "by_groups": True, "at": act.at}
            connection.execute(insert(account_identity).values(kept))
            append_entry(connection, self._seal, act)
            return True


def find_bound(connection: Connection) -> frozenset[int]:
    """Return the numbers of the accounts whose owners sign in through a provider."""
    return frozenset(connection.execute(select(_IDENTITY.account_id).distinct()).scalars())
