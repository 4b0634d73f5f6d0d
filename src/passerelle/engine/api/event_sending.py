"""The sending of events: each subscription in its turn, in order, until what changed is taken.

The position of a subscription moves in the transaction that notes that a message was taken. A process that dies in
between sends the same message again, under the same id. No message is kept: what is told is read from the shelf.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from passerelle.edges.channels.event_post import post_message
from passerelle.engine.api.event_batches import collect_events, count_numbered, make_signal
from passerelle.engine.api.reading_audit import note_answer
from passerelle.engine.api.record_pages import RecordPages
from passerelle.engine.api.refusals import RequestRefusedError
from passerelle.engine.log import log
from passerelle.engine.persons.person_shelving import renew_on_shelves, renew_under_rules
from passerelle.stores.subscriptions import Attempt, SubscriptionState
from passerelle.stores.trail import AuditEntry
from passerelle.vocabulary.errors import PasserelleError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from passerelle.edges.channels.event_post import PostedMessage
    from passerelle.engine.api.event_batches import EventBatch
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.subscriptions import Subscription
    from passerelle.stores.tokens import ApiToken

WAITS = (30, 60, 300, 900, 1_800, 3_600, 7_200, 10_800, 18_000, 21_600, 28_800, 36_000)
"""Seconds after each attempt that was not taken: thirteen attempts in a day and a half."""
MOST_ATTEMPTS = len(WAITS) + 1
_LONGEST_WAIT = max(WAITS)
_BATCHES = 10
"""Messages of one subscription in one turn: nobody waits for a receiver that has much to catch up."""
_SIGN_OF_LIFE = timedelta(days=1)
ATTEMPTS_KEPT = timedelta(days=30)
EXPIRED = "api.cursor.expired"
"""Removals that were not told are forgotten: only a replay goes on from there."""
EXHAUSTED = "subscription.attempts.exhausted"
GONE = "subscription.receiver.gone"
TOKEN_ENDED = "subscription.token.ended"  # noqa: S105  the name of a reason
RUN, SERVER = "run", "serve"
"""Kinds of processes that read a shelf, each by the settings that it read."""
AUTHOR = "passerelle"
"""Who acts, in the trail, where nobody did."""


@dataclass(frozen=True, slots=True)
class SendingReport:
    """What one turn did."""

    sent: int = 0
    """Events that were taken."""
    failed: int = 0
    """Messages that were not."""


def send_events(workspace: Workspace, pages: RecordPages) -> SendingReport:
    """Send every subscription that is due what changed since it was told last."""
    now = workspace.clock.now()
    due = workspace.api.list_due_subscriptions(now)
    if due:
        workspace.api.forget_attempts(now - ATTEMPTS_KEPT)
    tokens = {token.id: token for token in workspace.api.list_tokens()} if due else {}
    sent = failed = 0
    for subscription in due:
        token = tokens.get(subscription.terms.token)
        if token is None or not token.is_open(now):
            _end(workspace, subscription, TOKEN_ENDED)
            continue
        count, is_taken = _serve(workspace, pages, subscription, token)
        sent, failed = sent + count, failed + (not is_taken)
    return SendingReport(sent, failed)


def notify_subscribers(workspace: Workspace, reader: str = RUN) -> SendingReport:
    """Send every subscription that is due its events, after answers of persons that came or ended are on the shelves.

    So are rules of consent that changed in the settings: see `renew_under_rules`, also for `reader`.
    Where nothing is due, three tables are looked at, and no more.
    """
    try:
        renew_under_rules(workspace, reader)
        renew_on_shelves(workspace)
        if not workspace.api.list_due_subscriptions(workspace.clock.now()):
            return SendingReport()
        return send_events(workspace, RecordPages(workspace.shelf))
    except PasserelleError as error:
        log("events_failed", code=error.code)
    except Exception as error:  # noqa: BLE001  what a run did, and what people are told of it, goes on without it
        log("events_failed", error=error)
    return SendingReport(failed=1)


def post_batch(workspace: Workspace, subscription: Subscription, batch: EventBatch) -> tuple[PostedMessage, Attempt]:
    """Post one message, and return how its receiver answered, with what is to be noted of it."""
    terms, clock = subscription.terms, workspace.clock
    posted = post_message(
        terms.url, subscription.secrets, batch.id, batch.encode(), clock, allow_private=terms.allows_private
    )
    events = len(batch.events)
    return posted, Attempt(clock.now(), subscription.message, events, posted.outcome, posted.milliseconds)


def _serve(workspace: Workspace, pages: RecordPages, subscription: Subscription, token: ApiToken) -> tuple[int, bool]:
    """Send what a subscription has waiting. Return how many events were taken, and whether every message was."""
    sent = 0
    for _turn in range(_BATCHES):
        try:
            batch = collect_events(workspace, pages, subscription, token)
        except RequestRefusedError as refusal:
            # what passes by itself is tried again; a position that opens no more, or is too old, waits for somebody
            if refusal.code != "api.service.away":
                _hold(workspace, subscription, refusal.code)
            return sent, False
        if not batch.events:
            return sent, _tell_life(workspace, subscription, batch)
        for reading, subjects in batch.readings:
            note_answer(workspace, reading, subjects)
        posted, attempt = post_batch(workspace, subscription, batch)
        hit_failpoint("events.posted")
        if not posted.is_taken:
            _note_failure(workspace, subscription, posted, attempt)
            return sent, False
        told = subscription.told + count_numbered(batch.events)
        if not workspace.api.note_attempt(subscription, attempt, positions=batch.positions, told=told):
            return sent, True  # somebody else told it the same meanwhile
        hit_failpoint("events.taken")
        sent += len(batch.events)
        log("events_sent", subscription=subscription.id, count=len(batch.events))
        following = workspace.api.find_subscription(subscription.id)
        if following is None or following.state is not SubscriptionState.ACTIVE:
            return sent, True
        subscription = following
    return sent, True


def _tell_life(workspace: Workspace, subscription: Subscription, batch: EventBatch) -> bool:
    """Move on over what was not to be told; after a day of silence, say that there is nothing to say."""
    if batch.positions != subscription.positions:
        workspace.api.move_positions(subscription, batch.positions)
    now = workspace.clock.now()
    if now - (subscription.taken_at or subscription.made_at) < _SIGN_OF_LIFE:
        return True
    posted, attempt = post_batch(workspace, subscription, make_signal(subscription, "heartbeat", now, {}))
    if posted.is_taken:
        workspace.api.note_attempt(subscription, attempt, positions=batch.positions)
    else:
        _note_failure(workspace, subscription, posted, attempt)
    return posted.is_taken


def _note_failure(workspace: Workspace, subscription: Subscription, posted: PostedMessage, attempt: Attempt) -> None:
    """Note an attempt that was not taken: it is tried again, later and later, and then no more."""
    log("events_unsent", subscription=subscription.id)
    failures = subscription.failures + 1
    if posted.outcome == "410":
        workspace.api.note_attempt(subscription, attempt)
        _end(workspace, subscription, GONE)
        return
    if failures >= MOST_ATTEMPTS:
        workspace.api.note_attempt(subscription, attempt, failures=failures)
        _hold(workspace, subscription, EXHAUSTED)
        return
    usual = WAITS[failures - 1]
    seconds = usual if posted.retry_after is None else min(max(posted.retry_after, 1), _LONGEST_WAIT)
    next_at = attempt.at + timedelta(seconds=seconds)
    workspace.api.note_attempt(subscription, attempt, failures=failures, next_at=next_at)


def _hold(workspace: Workspace, subscription: Subscription, code: str) -> None:
    _change(workspace, subscription, SubscriptionState.PAUSED, code)


def _end(workspace: Workspace, subscription: Subscription, code: str) -> None:
    _change(workspace, subscription, SubscriptionState.ENDED, code, secrets=[])


def _change(
    workspace: Workspace, subscription: Subscription, state: SubscriptionState, code: str, **values: object
) -> None:
    act = AuditEntry(0, workspace.clock.now(), f"subscription.{state}", str(subscription.id), code, AUTHOR)
    workspace.api.change_subscription(subscription.id, act, state=state.value, code=code, **values)
    log("subscription_changed", subscription=subscription.id, code=code)
