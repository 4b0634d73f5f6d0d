"""`plugins check`: what people and programs read of a grade."""

from __future__ import annotations

from dataclasses import replace

import pytest
from inventing_plugins import RAISES, SOUND, install

from passerelle.extension.loading import load_plugins
from passerelle.extension.plugin_info import PluginInfo
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.plugins import check as plugins_check
from passerelle.testing.certifying import Certificate
from passerelle.testing.grades import CheckResult, ConformanceCheck, Grade


def certificate(*broken, sampled=True):
    supplier, connector, _ = load_plugins(["generic-telegestion"]).find_connector("generic-telegestion-visits")
    results = tuple(
        CheckResult(
            ConformanceCheck(f"test_{grade}", grade, "Noise ends in a reason."),
            passed=grade not in broken,
            hint="there",
        )
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
    assert plugins_check.choose_exit([certificate(*broken, sampled=sampled)]) is code


def test_the_text_names_what_is_not_kept_with_its_grade():
    lines = plugins_check.format_text([certificate(Grade.GOLD)]).splitlines()
    assert len(lines) == 3
    assert "generic-telegestion-visits" in lines[0]
    assert "Écart (min)" in lines[1], "what is left unread on purpose is listed, with its reason"
    assert "[there]" in lines[2]


def test_programs_read_every_check():
    content = plugins_check.to_content(certificate(Grade.GOLD))
    assert content["grade"] == "silver"
    assert [check["kept"] for check in content["checks"]] == [True, True, False]


def test_the_table_counts_what_the_next_grade_asks_for():
    table = plugins_check.format_grades([certificate(Grade.SILVER)])
    assert "generic-telegestion-visits" in table
    assert table.splitlines()[-1].split()[-1] == "1"


@pytest.mark.slow
def test_a_plugin_is_shown_with_its_grades_when_they_are_asked_for(tmp_path, monkeypatch, program):
    install(tmp_path, monkeypatch, sound=SOUND)
    shown = program("plugins", "show", "sound", "--grades")
    assert "sound-notes" in shown.out
    assert "note/1 [no grade]\n" in shown.out
    (supplier,) = program("plugins", "show", "sound", "--grades", "--format", "json").json["suppliers"]
    assert supplier["connectors"][0]["grade"] == "none"
    assert "[no grade]" not in program("plugins", "show", "sound").out


def test_a_plugin_that_breaks_is_told_as_broken(tmp_path, monkeypatch, program):
    install(tmp_path, monkeypatch, raises=RAISES)
    told = program("plugins", "check", "raises")
    assert told.code == 1
    assert told.out.startswith("raises: broken")
    (one,) = program("plugins", "check", "raises", "--format", "json").json["connectors"]
    assert (one["grade"], one["connector"], one["checks"]) == ("broken", "", [])
    assert "Invente" not in told.out + told.err


def test_what_is_not_asked_is_no_part_of_the_count_and_says_why():
    one = certificate()
    spared = CheckResult(
        ConformanceCheck("test_pages", Grade.GOLD, "It pages."), passed=True, why_not="It reads no API."
    )
    text = plugins_check.format_text([replace(one, results=(*one.results, spared))])
    assert "3 of 3 checks kept" in text
    assert text.endswith("checks not asked: 1. It reads no API.")
    assert plugins_check.to_content(replace(one, results=(spared,)))["checks"][0]["not_asked"] == "It reads no API."


@pytest.mark.parametrize("arguments", [(), ("compani", "--all")])
def test_one_plugin_or_all_of_them_is_asked_for(program, arguments):
    answer = program("plugins", "check", *arguments)
    assert answer.code == Exit.USAGE
    assert "--all" in answer.err
