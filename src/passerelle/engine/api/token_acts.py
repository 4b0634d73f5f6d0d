"""Tokens: made, listed and ended on the command line alone. Whoever makes one says why."""

from __future__ import annotations

import secrets
import unicodedata
from datetime import timedelta
from typing import TYPE_CHECKING

from passerelle import contracts
from passerelle.contracts.catalogue import list_ids
from passerelle.contracts.field_meta import FIGURES, Purpose, RecipientKind
from passerelle.contracts.processing import NARROWEST_RECIPIENT
from passerelle.contracts.release_policy import ReleasePolicy
from passerelle.engine.audit.revealing import require_why
from passerelle.stages.gate.minimising import check_purpose
from passerelle.stores.tokens import TokenTerms
from passerelle.stores.trail import AuditEntry
from passerelle.vocabulary.errors import FlowError, UsageError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.tokens import ApiToken

BEGINNING = "pk_"
"""How a token begins, so that whoever finds one in a file knows what it is."""
LONGEST_NAME = 80
LONGEST_DAYS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """What somebody asks for a client."""

    client: str
    contracts: Sequence[str]
    purposes: Sequence[str]
    recipient: str = ""
    """The kind of recipient; empty: of those that the purposes can have, the one that may have least."""
    may_write: bool = False
    may_bulk: bool = False
    days: int


def issue_token(workspace: Workspace, asked: TokenRequest, *, why: str, who: str) -> tuple[int, str]:
    """Make a token, and return its number and its text, which is kept nowhere. Raises UsageError for what cannot be."""
    require_why(why)
    client = " ".join(unicodedata.normalize("NFC", asked.client).split())
    if not 0 < len(client) <= LONGEST_NAME or not client.isprintable():
        raise UsageError("usage.token.client")
    purposes = [Purpose(name) for name in dict.fromkeys(asked.purposes)]
    recipient = RecipientKind(asked.recipient) if asked.recipient else NARROWEST_RECIPIENT[purposes[0]]
    for contract_id in asked.contracts:
        if contract_id not in list_ids():
            raise UsageError("usage.token.contract", contract=contract_id)
        for purpose in purposes:
            _check_served(contract_id, purpose, recipient)
    now = workspace.clock.now()
    terms = TokenTerms(
        client=client,
        contracts=tuple(dict.fromkeys(asked.contracts)),
        purposes=tuple(purpose.value for purpose in purposes),
        recipient=recipient.value,
        may_write=asked.may_write,
        may_bulk=asked.may_bulk,
        ends_at=now + timedelta(days=asked.days),
        who=who,
        why=why,
    )
    text = BEGINNING + secrets.token_urlsafe(32)
    about = f"{client} {' '.join(terms.contracts)}"
    act = AuditEntry(0, now, "token.new", about, why, who, " ".join(terms.purposes))
    return workspace.api.add_token(text, terms, act), text


def end_token(workspace: Workspace, number: int, *, why: str, who: str) -> None:
    """End a token at once. Raises UsageError when no open one has this number."""
    require_why(why)
    act = AuditEntry(0, workspace.clock.now(), "token.end", str(number), why, who)
    if not workspace.api.end_token(number, act):
        raise UsageError("usage.token.unknown")


def list_tokens(workspace: Workspace) -> tuple[ApiToken, ...]:
    """Return all tokens; of their texts nothing is known."""
    return workspace.api.list_tokens()


def _check_served(contract_id: str, purpose: Purpose, recipient: RecipientKind) -> None:
    """Raise UsageError when a contract cannot be read for a purpose by such a recipient at all."""
    if purpose in FIGURES:
        # groups are formed over whole batches: pages that are asked for one by one could be set off against another
        raise UsageError("usage.token.figures", purpose=purpose.value)
    # what a processing would have to state is judged when records are read
    policy = ReleasePolicy(purpose=purpose, recipient_kind=recipient, is_consulted=True, has_ground=True)
    try:
        check_purpose(contracts.get(contract_id), policy)
    except FlowError:
        raise UsageError(
            "usage.token.unserved", kind=recipient.value, contract=contract_id, purpose=purpose.value
        ) from None
