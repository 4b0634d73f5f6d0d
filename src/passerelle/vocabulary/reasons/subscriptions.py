"""Subscriptions to changes: why one is not made, does not begin, waits or ended."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason


def _reason(code: str, says: str, advice: str) -> Reason:
    return Reason(code, says, advice, Concerns.OPERATOR)


REASONS: tuple[Reason, ...] = (
    _reason(
        "usage.subscription.unknown",
        N_("No subscription that goes on has this number."),
        N_("«passerelle subscription list» shows them."),
    ),
    _reason(
        "usage.subscription.contract",
        N_("The token does not read all of these contracts."),
        N_("«passerelle token list» shows what it reads; name some of these, or none for all."),
    ),
    _reason(
        "usage.subscription.purpose",
        N_("The token serves several purposes, or not this one."),
        N_("Name one of its purposes with --purpose."),
    ),
    _reason(
        "usage.subscription.expired",
        N_("Removals that this subscription was not told of are forgotten by now: it cannot go on where it was."),
        N_("«passerelle subscription replay {number}», then begin: all is told anew, and what is not told is gone."),
    ),
    _reason(
        "usage.subscription.unanswered",
        N_("The receiver did not send the word back that it was sent (answer: {outcome})."),
        N_("It answers 200 with a JSON object whose «challenge» is the one of the event; then try again."),
    ),
    _reason(
        "subscription.attempts.exhausted",
        N_("Its receiver took nothing for a day and a half."),
        N_("Nothing is lost: see «subscription attempts», mend the receiver, then «subscription begin»."),
    ),
    _reason(
        "subscription.receiver.gone",
        N_("Its receiver answered that it wants no more (410)."),
        N_("Nothing to do; for another address make another subscription."),
    ),
    _reason(
        "subscription.token.ended",
        N_("Its token has ended."),
        N_("Make a token and a subscription anew if the receiver may still have what it reads."),
    ),
    _reason(
        "incident.subscription.paused",
        N_("A receiver is told nothing any more (subscription {number})."),
        N_("«passerelle subscription list» says why. What changes waits on the shelf meanwhile."),
    ),
)
