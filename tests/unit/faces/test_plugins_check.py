"""`plugins check`: what people and programs read of a grade."""

from __future__ import annotations

import pytest

from passerelle.extension.loading import PluginInfo, load_plugins
from passerelle.faces.cli import plugins_check
from passerelle.faces.cli.exits import Exit
from passerelle.testing.certifying import Certificate
from passerelle.testing.grades import Check, Grade, Result


def certificate(*broken, sampled=True):
    supplier, connector, _ = load_plugins(["generic-telegestion"]).connector("generic-telegestion-visits")
    results = tuple(
        Result(Check(f"test_{grade}", grade, "Noise ends in a reason."), kept=grade not in broken, hint="there")
        for grade in (Grade.BRONZE, Grade.SILVER, Grade.GOLD)
    )
    return Certificate(PluginInfo("acme", "", "1.0", ""), supplier, connector, results, sampled)


@pytest.mark.parametrize(
    ("broken", "sampled", "code"),
    [
        ((), True, Exit.SETTLED),
        ((Grade.GOLD,), True, Exit.SETTLED),
        ((Grade.SILVER,), True, Exit.ASIDE),
        ((Grade.SILVER,), False, Exit.SETTLED),
        ((Grade.BRONZE,), False, Exit.ASIDE),
    ],
)
def test_the_exit_code_says_whether_somebody_should_look(broken, sampled, code):
    assert plugins_check.outcome([certificate(*broken, sampled=sampled)]) is code


def test_the_text_names_what_is_not_kept_with_its_grade():
    lines = plugins_check.text([certificate(Grade.GOLD)]).splitlines()
    assert len(lines) == 2
    assert "generic-telegestion-visits" in lines[0]
    assert "[there]" in lines[1]


def test_programs_read_every_check():
    content = plugins_check.content(certificate(Grade.GOLD))
    assert content["grade"] == "silver"
    assert [check["kept"] for check in content["checks"]] == [True, True, False]


def test_the_table_counts_what_the_next_grade_asks_for():
    table = plugins_check.grades_table([certificate(Grade.SILVER)])
    assert "generic-telegestion-visits" in table
    assert table.splitlines()[-1].split()[-1] == "1"
