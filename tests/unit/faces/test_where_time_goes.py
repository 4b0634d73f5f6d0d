"""A run says where its time went; a check says which fields take the slow lane."""

from __future__ import annotations

import shutil
from pathlib import Path

from passerelle.engine.stopwatch import STAGES
from passerelle.faces.cli import lanes, profiling
from passerelle.stages.validate.paths import ValidationPath

SAMPLES = Path(__file__).parents[3] / "plugins" / "compani" / "samples" / "interventions"
CHECK = ("check", SAMPLES / "oddities.csv", "--connector", "compani-interventions")


def test_a_profile_has_every_stage_and_the_whole(program, folder):
    shutil.copy(SAMPLES / "nominal.csv", folder / "entrees")
    told = program("run", "--profile", "--format", "json").json["profile"]
    assert [entry["stage"] for entry in told["stages"]] == list(STAGES)
    assert all(entry["wall"] >= 0 for entry in told["stages"])
    assert sum(entry["wall"] > 0 for entry in told["stages"]) >= 5
    assert told["cpu"] > 0
    assert told["wall"] >= max(entry["wall"] for entry in told["stages"])


def test_a_run_tells_its_times_only_when_asked(program, oddities):
    assert "profile" not in program("run", "--format", "json").json
    assert "seconds" in program("run", "--profile").out
    assert set(profiling.STAGES) == set(STAGES)


def test_a_check_says_what_each_lane_judged(program):
    result = program(*CHECK, "--explain-paths", "--format", "json")
    (visits,) = [entry for entry in result.json["lanes"] if entry["contract"] == "visit/1"]
    judged = {entry["name"]: entry for entry in visits["judged"]}
    assert visits["express"] + visits["verdict"] > 0
    assert "promised" in {entry["lane"] for entry in visits["judged"]}
    assert judged["validate.record.undated"]["lane"] == "express"
    assert sum(entry["rows"] for entry in visits["judged"]) >= visits["verdict"]
    assert {entry["lane"] for entry in visits["judged"]} <= set(ValidationPath) == set(lanes.WAYS)


def test_the_lanes_are_told_as_text_and_only_when_asked(program):
    assert "rows sent to the verdict" in program(*CHECK, "--explain-paths").out
    assert "rows sent to the verdict" not in program(*CHECK).out
    assert "lanes" not in program(*CHECK, "--format", "json").json
    assert program(*CHECK, "--explain-paths", "--format", "html").out.rstrip().endswith("</html>")
