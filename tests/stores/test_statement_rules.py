"""Which answer follows from what was said: refusing more never lets more leave."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from passerelle.stores.statement_rules import ANYONE, EVERYTHING, StatedAnswer, decide_answer

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)

moments = st.integers(-5, 5).map(lambda days: NOW + timedelta(days=days))
statements = st.lists(
    st.builds(
        StatedAnswer,
        number=st.just(0),
        accepted=st.sampled_from([True, False, None]),
        purpose=st.sampled_from([EVERYTHING, "billing", "support"]),
        recipient=st.sampled_from([ANYONE, "mairie", "departement"]),
        since=moments,
        until=st.none() | moments,
    ),
    max_size=6,
)
refusals = st.builds(
    StatedAnswer,
    number=st.just(0),
    accepted=st.just(False),
    purpose=st.sampled_from([EVERYTHING, "billing", "support"]),
    recipient=st.sampled_from([ANYONE, "mairie", "departement"]),
    since=moments,
    until=st.none() | moments,
)
ORDER = {False: 0, None: 1, True: 2}


def number(items: list[StatedAnswer]) -> list[StatedAnswer]:
    return [
        StatedAnswer(
            number=place,
            accepted=item.accepted,
            purpose=item.purpose,
            recipient=item.recipient,
            since=item.since,
            until=item.until,
        )
        for place, item in enumerate(items)
    ]


@given(statements, refusals, st.data())
def test_adding_a_refusal_never_lets_more_leave(before, refusal, data):
    place = data.draw(st.integers(0, len(before)))
    after = [*before[:place], refusal, *before[place:]]
    for purpose in ("billing", "support"):
        for recipients in ((), ("mairie",), ("departement", "flux")):
            was = decide_answer(number(before), purpose, recipients, NOW)
            now = decide_answer(number(after), purpose, recipients, NOW)
            assert ORDER[now] <= ORDER[was]


@given(statements)
def test_the_last_word_of_a_person_counts_when_it_is_for_everything(before):
    last = {"number": 0, "purpose": EVERYTHING, "recipient": ANYONE}
    refused = StatedAnswer(accepted=False, since=NOW, **last)
    assert decide_answer(number([*before, refused]), "billing", ("mairie",), NOW) is False
    past = [item for item in before if item.since <= NOW]
    accepted = StatedAnswer(accepted=True, since=NOW, **last)
    assert decide_answer(number([*past, accepted]), "billing", ("mairie",), NOW) is True


def test_an_acceptance_for_a_time_narrows_one_for_good():
    base = {"purpose": EVERYTHING, "recipient": ANYONE}
    said = [
        StatedAnswer(accepted=True, number=0, since=NOW, **base),
        StatedAnswer(accepted=True, number=1, since=NOW, until=NOW + timedelta(days=1), **base),
    ]
    assert decide_answer(said, "billing", (), NOW) is True
    assert decide_answer(said, "billing", (), NOW + timedelta(days=1)) is None
