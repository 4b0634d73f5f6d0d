"""What was received goes the same way again, by command: registered for the next run, or delivered anew at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[3] / "plugins" / "compani" / "samples" / "interventions"


@pytest.fixture
def done(folder, program):
    """Give a folder where a flow has run once; `done("flow", …)` runs a command and reads its JSON."""
    (folder / "passerelle.toml").write_text(
        '[flow.visites]\nconnector = "compani-interventions"\npurpose = "portability"\n'
        'source = { kind = "folder", path = "entrees", quiet_seconds = 0 }\n'
        'destination = { kind = "folder", path = "sorties" }\n',
        "utf-8",
    )
    (folder / "entrees").mkdir(exist_ok=True)
    shutil.copy(SAMPLES / "nominal.csv", folder / "entrees")

    def call(*words: str, code: int = 0):
        result = program(*words, "--format", "json")
        assert result.code == code, result.err
        return result.json

    assert program("run").code in (0, 1)
    return call


def test_parcels_and_files_are_registered_for_the_next_run(done, folder):
    first = done("flow", "take-again", "visites")
    assert (first["schema"], len(first["taken"])) == ("passerelle.flow.take-again/1", 1)
    assert done("flow", "take-again", "visites")["unfinished"] == first["taken"]
    (archived,) = (folder / "entrees" / "archives").iterdir()
    assert len(done("flow", "take-again", "visites", "--file", str(archived))["taken"]) == 1
    assert done("flow", "take-again", "visites", "--since", "2999-01-01")["taken"] == []


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("take-again", "visite"), "usage.flow.unknown"),
        (("deliver-all", "visite"), "usage.flow.unknown"),
        (("take-again", "visites", "--parcel", "ffffffff"), "usage.parcel.unknown"),
        (("take-again", "visites", "--file", "passerelle.toml", "--parcel", "ff"), "usage.again.both"),
    ],
)
def test_what_is_not_there_is_refused_by_its_name(done, words, reason):
    assert done("flow", *words, code=64)["code"] == reason


def test_a_flow_is_delivered_anew_and_says_what_it_did(done, program):
    anew = done("flow", "deliver-all", "visites")
    assert anew["flows"][0]["balance"]["delivered"] > 0
    assert (anew["left"], anew["exit"]) == (0, 0)
    assert "visites" in program("flow", "deliver-all", "visites").out
