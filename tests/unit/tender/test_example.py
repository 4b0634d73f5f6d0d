"""The tender that is shown as an example is a right one, and answers its own questions."""

from __future__ import annotations

from pathlib import Path

from passerelle.tender import freezing, order_file, questions

EXAMPLE = Path(__file__).parents[3] / "examples" / "tender"


def test_the_example_can_be_frozen():
    shown = order_file.load(EXAMPLE)
    frozen, ledger = freezing.freeze(shown, {}, language="fr")
    assert len(frozen.requirements) == len(ledger) > 200
    assert {"visit", "security", "workers", "reversibility"} <= {one.chapter for one in frozen.requirements}


def test_the_example_answers_what_field_workers_asked():
    shown = order_file.load(EXAMPLE)
    answered = [key for key in questions.list_question_keys() if shown.answers.get(key)]
    assert len(answered) >= 7
