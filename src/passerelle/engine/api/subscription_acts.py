"""What people do with subscriptions: make one, begin it, hold it, go back, change its secret, end it."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

from passerelle.edges.channels.event_post import make_signing_secret
from passerelle.edges.http.address import parse_base_address
from passerelle.engine.api.event_batches import BEGINS, REPLAY, find_present_positions, make_signal
from passerelle.engine.api.event_sending import EXPIRED, post_batch
from passerelle.engine.audit.revealing import require_why
from passerelle.stores.subscriptions import SubscriptionState, SubscriptionTerms
from passerelle.stores.trail import AuditEntry
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.engine.api.record_pages import RecordPages
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.subscriptions import Subscription
    from passerelle.stores.tokens import ApiToken

_MOST_SECRETS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRequest:
    """What somebody asks for the holder of a token."""

    token: int
    url: str
    contracts: Sequence[str] = ()
    """Empty: all that the token reads."""
    purpose: str = ""
    """Empty: the only one of the token."""
    tells_refs: bool = False
    allows_private: bool = False


def add_subscription(workspace: Workspace, asked: SubscriptionRequest, *, why: str, who: str) -> tuple[int, str]:
    """Make a subscription, and return its number and its secret. It begins with `begin_subscription`.

    Raises UsageError for what its token does not allow, FlowError for an address that no message goes to.
    """
    require_why(why)
    token = _find_token(workspace, asked.token)
    parse_base_address(asked.url, private=asked.allows_private)
    chosen = tuple(dict.fromkeys(asked.contracts)) or token.terms.contracts
    if not set(chosen) <= set(token.terms.contracts):
        raise UsageError("usage.subscription.contract")
    purposes = (asked.purpose,) if asked.purpose else token.terms.purposes
    if len(purposes) != 1 or purposes[0] not in token.terms.purposes:
        raise UsageError("usage.subscription.purpose")
    terms = SubscriptionTerms(
        token=token.id,
        url=asked.url,
        purpose=purposes[0],
        contracts=chosen,
        tells_refs=asked.tells_refs,
        allows_private=asked.allows_private,
    )
    secret = make_signing_secret()
    act = AuditEntry(0, workspace.clock.now(), "subscription.new", " ".join(chosen), why, who, purposes[0])
    return workspace.api.add_subscription(terms, secret, act), secret


def begin_subscription(workspace: Workspace, pages: RecordPages, number: int, *, who: str) -> str:
    """Ask a receiver whether it wants what it is to be told, and begin if it does. Return how it answered.

    It has to send back the word that it was sent: whoever types somebody else's address starts nothing there. A
    subscription that was paused goes on where it was.
    """
    subscription = find_subscription(workspace, number)
    if subscription.code == EXPIRED:
        raise UsageError("usage.subscription.expired", number=str(number))
    token = _find_token(workspace, subscription.terms.token)
    word = secrets.token_urlsafe(24)
    batch = make_signal(subscription, "handshake", workspace.clock.now(), {"challenge": word})
    posted, attempt = post_batch(workspace, subscription, batch)
    if not posted.is_taken or _read_challenge(posted.answer) != word:
        workspace.api.note_attempt(subscription, attempt)
        raise UsageError("usage.subscription.unanswered", outcome=posted.outcome)
    state = SubscriptionState.ACTIVE.value
    if subscription.taken_at is not None or subscription.positions:
        # the number of its message stays: one that was posted and not answered comes again under its id
        going: dict[str, Any] = {"failures": 0, "next_at": None, "taken_at": attempt.at, "state": state}
        workspace.api.note_attempt(subscription, attempt, **going)
    else:
        positions = find_present_positions(workspace, pages, subscription, token)
        workspace.api.note_attempt(subscription, attempt, positions=positions, state=state)
    act = AuditEntry(0, workspace.clock.now(), "subscription.begin", str(number), "", who)
    workspace.api.change_subscription(number, act, code="")
    return posted.outcome


def pause_subscription(workspace: Workspace, number: int, *, who: str) -> None:
    """Hold a subscription: what changes waits on the shelf. Raises UsageError for a number that none has."""
    _change(workspace, number, "subscription.paused", who, state=SubscriptionState.PAUSED.value, code="")


def end_subscription(workspace: Workspace, number: int, *, who: str) -> None:
    """End a subscription for good."""
    _change(workspace, number, "subscription.ended", who, state=SubscriptionState.ENDED.value, code="", secrets=[])


def replay_subscription(workspace: Workspace, pages: RecordPages, number: int, *, who: str) -> None:
    """Go back to the beginning for a receiver: each record on the shelf, once, and the removals it knows.

    Two events stand around them: what is not told between these is gone.
    """
    subscription = find_subscription(workspace, number)
    token = _find_token(workspace, subscription.terms.token)
    positions = find_present_positions(workspace, pages, subscription, token, from_start=True)
    positions = {**positions, REPLAY: BEGINS}
    values = {"positions": json.dumps(positions, sort_keys=True), "message": subscription.message + 1}
    _change(workspace, number, "subscription.replay", who, failures=0, next_at=None, code="", **values)


def renew_secret(workspace: Workspace, number: int, *, who: str) -> str:
    """Return a new secret: it and the one before sign every message, until the next change."""
    subscription = find_subscription(workspace, number)
    secret = make_signing_secret()
    _change(workspace, number, "subscription.secret", who, secrets=[secret, *subscription.secrets][:_MOST_SECRETS])
    return secret


def find_subscription(workspace: Workspace, number: int) -> Subscription:
    """Return a subscription that has not ended. Raises UsageError `usage.subscription.unknown`."""
    found = workspace.api.find_subscription(number)
    if found is None or found.state is SubscriptionState.ENDED:
        raise UsageError("usage.subscription.unknown")
    return found


def _change(workspace: Workspace, number: int, action: str, who: str, **values: object) -> None:
    act = AuditEntry(0, workspace.clock.now(), action, str(number), "", who)
    if not workspace.api.change_subscription(number, act, **values):
        raise UsageError("usage.subscription.unknown")


def _find_token(workspace: Workspace, number: int) -> ApiToken:
    now = workspace.clock.now()
    for token in workspace.api.list_tokens():
        if token.id == number and token.is_open(now):
            return token
    raise UsageError("usage.token.unknown")


def _read_challenge(answer: bytes) -> str:
    """Return the word that a receiver sent back, empty when it sent none."""
    try:
        content = json.loads(answer)
    except ValueError:
        return ""
    word = content.get("challenge") if isinstance(content, dict) else None
    return word if isinstance(word, str) else ""
