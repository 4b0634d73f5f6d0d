"""A run says where its time went; a check says which fields take the slow path of validation."""

from __future__ import annotations

import shutil
from pathlib import Path

from passerelle.engine.stopwatch import STAGES
from passerelle.faces.cli import profiling, validation_paths
from passerelle.stages.validate.paths import ValidationPath

SAMPLES = Path(__file__).parents[3] / "plugins" / "compani" / "samples" / "interventions"
CHECK = ("check", SAMPLES / "oddities.csv", "--connector", "compani-interventions")


def test_a_profile_has_every_stage_and_the_whole(program, folder):
    shutil.copy(SAMPLES / "nominal.csv", folder / "entrees")
    profile = program("run", "--profile", "--format", "json").json["profile"]
    assert [entry["stage"] for entry in profile["stages"]] == list(STAGES)
    assert all(entry["wall"] >= 0 for entry in profile["stages"])
    assert sum(entry["wall"] > 0 for entry in profile["stages"]) >= 5
    assert profile["cpu"] > 0
    assert profile["wall"] >= max(entry["wall"] for entry in profile["stages"])


def test_a_run_tells_its_times_only_when_asked(program, oddities):
    assert "profile" not in program("run", "--format", "json").json
    assert "seconds" in program("run", "--profile").out
    assert set(profiling.STAGES) == set(STAGES)


def test_a_check_says_what_each_path_judged(program):
    result = program(*CHECK, "--explain-paths", "--format", "json")
    (visits,) = [entry for entry in result.json["lanes"] if entry["contract"] == "visit/1"]
    judged = {entry["name"]: entry for entry in visits["judged"]}
    assert visits["express"] + visits["verdict"] > 0
    assert "promised" in {entry["lane"] for entry in visits["judged"]}
    assert judged["validate.record.undated"]["lane"] == "express"
    assert sum(entry["rows"] for entry in visits["judged"]) >= visits["verdict"]
    assert {entry["lane"] for entry in visits["judged"]} <= set(ValidationPath) == set(validation_paths.WAYS)


def test_the_paths_are_shown_as_text_and_only_when_asked(program):
    assert "rows sent to the verdict" in program(*CHECK, "--explain-paths").out
    assert "rows sent to the verdict" not in program(*CHECK).out
    assert "lanes" not in program(*CHECK, "--format", "json").json
    assert program(*CHECK, "--explain-paths", "--format", "html").out.rstrip().endswith("</html>")


def test_the_old_name_of_the_option_still_works_and_warns_on_standard_error_in_both_languages(program):
    now = program(*CHECK, "--explain-paths", "--format", "json")
    for lang, words in (("en", "is now called"), ("fr", "s’appelle désormais")):
        before = program(*CHECK, "--explain-lanes", "--format", "json", lang=lang)
        assert before.json["lanes"] == now.json["lanes"]
        assert [words in line for line in before.err.splitlines()] == [True]
    assert now.err == ""


def test_the_old_name_of_the_option_is_not_in_the_help(program):
    shown = program("check", "--help").out
    assert "--explain-paths" in shown
    assert "--explain-lanes" not in shown
