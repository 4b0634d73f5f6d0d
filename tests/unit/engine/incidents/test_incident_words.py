"""A message says what is wrong in whole sentences, and nothing foreign acts in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from passerelle.engine.incidents.incident_finding import BECAUSE
from passerelle.engine.incidents.incident_words import write_message, write_trial
from passerelle.stores.incidents import Incident, IncidentMessage
from passerelle.vocabulary.language import set_language
from passerelle.vocabulary.reasons import REASONS

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_reason_is_told_with_all_its_facts_at_its_begin_and_its_sentence_at_its_end(language):
    set_language(language)
    for code, reason in REASONS.items():
        facts = {name: f"fait-{name}" for name in re.findall(r"\{(\w+)\}", reason.sentence + reason.advice)}
        alert = Incident("visites", code, NOW, facts)
        body = write_message(IncidentMessage(7, NOW, (alert,), (alert,), ())).body
        assert all(text in body for text in facts.values()), code
        assert body.count(code) >= 1


def test_a_flow_that_waits_is_told_with_the_reason_for_which_it_does():
    set_language("en")
    facts = {BECAUSE: "incident.supplier.failing", "status": "503"}
    message = IncidentMessage(7, NOW, (Incident("un", "incident.flow.waits", NOW, facts),), (), ())
    assert "503" in write_message(message).body


def test_a_foreign_word_is_shown_on_its_line_and_without_what_is_unseen():
    facts = {"columns": "nom\x1b[2J\nInjecté: oui\u202e"}
    body = write_message(IncidentMessage(7, NOW, (Incident("un", "translate.column.gone", NOW, facts),), (), ())).body
    assert not any(line.startswith("Injecté") for line in body.splitlines())
    assert "\x1b" not in body
    assert "\u202e" not in body


def test_the_subject_counts_and_names_the_installation():
    set_language("fr")
    alert = Incident("un", "silence.parcel.empty", NOW)
    subject = write_message(IncidentMessage(7, NOW, (alert, alert), (alert,), ()), place="nord").subject
    assert "nord" in subject
    assert "2 défauts, 1 résolu" in subject
    assert "essai" in write_trial("nord").subject
