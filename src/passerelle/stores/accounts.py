"""Accounts of the workbench. Names are sealed; of secrets argon2 hashes are kept, of invitations digests."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from passerelle.stores.database import open_reader, open_writer
from passerelle.stores.identities import IdentityBook, find_bound
from passerelle.stores.passkeys import PasskeyBook
from passerelle.stores.sign_in_schema import account_identity, passkey
from passerelle.stores.sole_writer import WriterLock, open_sole_writer
from passerelle.stores.trail import append_entry
from passerelle.stores.web_sessions import WebSessionBook
from passerelle.stores.workbench_schema import account, web_session
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from passerelle.stores.seal import Seal
    from passerelle.stores.trail import AuditEntry

_ACCOUNT = account.c


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in, once the invitation was taken up."""

    id: int
    name: str
    roles: tuple[str, ...]
    flows: tuple[str, ...]
    """The only flows whose records concern them; none: all."""
    secret: str = field(repr=False)
    code_key: str = field(repr=False)
    invitation: str = field(repr=False)
    invited_until: datetime | None
    disabled_at: datetime | None
    has_identity: bool = False
    """Whether its owner signs in through a provider of identities."""

    @property
    def is_open(self) -> bool:
        """Whether it may sign in."""
        return (bool(self.secret) or self.has_identity) and self.disabled_at is None


class AccountBook(WebSessionBook, IdentityBook, PasskeyBook):
    """The part of the journal about accounts, ways to sign in and sessions. Every method is one transaction."""

    _engine: Engine
    _seal: Seal

    def list_accounts(self) -> tuple[Account, ...]:
        """Return all accounts, in the order in which they were made."""
        with open_reader(self._engine) as connection:
            rows = connection.execute(select(account).order_by(_ACCOUNT.id)).all()
            bound = find_bound(connection)
        return tuple(
            Account(
                id=row.id,
                name=row.name,
                roles=tuple(row.roles.split()),
                flows=tuple(row.flows.split()),
                secret=row.secret,
                code_key=row.code_key,
                invitation=row.invitation,
                invited_until=row.invited_until,
                disabled_at=row.disabled_at,
                has_identity=row.id in bound,
            )
            for row in rows
        )

    def find_account(self, name: str) -> Account | None:
        """Return the account of a name; None when nobody has it."""
        return next((one for one in self.list_accounts() if one.name == name), None)

    def get_account(self, number: int) -> Account | None:
        """Return the account of a number."""
        return next((one for one in self.list_accounts() if one.id == number), None)

    def keep_invitation(
        self, name: str, *, roles: str, flows: str, invitation: str, until: datetime, act: AuditEntry
    ) -> None:
        """Make an account that waits for its owner, or let the owner of one that is there begin anew.

        Then passkeys, sessions and whom a provider knows are gone: who has them may be why it is begun anew.
        """
        values = {
            "roles": roles,
            "flows": flows,
            "secret": "",
            "code_key": "",
            "code_step": 0,
            "invitation": invitation,
            "invited_until": until,
            "disabled_at": None,
        }
        with open_sole_writer(self._engine, WriterLock.ACCOUNTS) as connection:
            changed = connection.execute(update(account).where(_ACCOUNT.name == name).values(values))
            number = select(_ACCOUNT.id).where(_ACCOUNT.name == name).scalar_subquery()
            for owned in (passkey, account_identity, web_session):
                connection.execute(delete(owned).where(owned.c.account_id == number))
            if not changed.rowcount:
                connection.execute(insert(account).values(name=name, **values))
            append_entry(connection, self._seal, act)

    def take_invitation(self, number: int, *, invitation: str, secret: str, code_key: str) -> bool:
        """Set an account's secret and the key of its codes; false when the invitation was used meanwhile."""
        wanted = update(account).where(_ACCOUNT.id == number, _ACCOUNT.invitation == invitation)
        values = {"secret": secret, "code_key": code_key, "invitation": "", "invited_until": None}
        with open_writer(self._engine) as connection:
            return connection.execute(wanted.values(values)).rowcount > 0

    def use_step(self, number: int, step: int) -> bool:
        """Note that a code of a step was taken; false when one of that step or a later one was: a code serves once."""
        wanted = update(account).where(_ACCOUNT.id == number, _ACCOUNT.code_step < step)
        with open_writer(self._engine) as connection:
            return connection.execute(wanted.values(code_step=step)).rowcount > 0

    def update_account(
        self, number: int, act: AuditEntry, *, roles: str = "", flows: str = "", disabled_at: datetime | None = None
    ) -> None:
        """Replace roles and flows of an account, or disable it."""
        values = {"disabled_at": disabled_at} if disabled_at else {"roles": roles, "flows": flows}
        with open_writer(self._engine) as connection:
            connection.execute(update(account).where(_ACCOUNT.id == number).values(values))
            append_entry(connection, self._seal, act)
