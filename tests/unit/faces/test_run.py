"""What a run tells of its figures is what happened: on the screen, as JSON, and later in the journal."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[3] / "plugins" / "compani" / "samples" / "interventions"
WORDS = "values that may not go, not delivered:"
FLOW = """
[flow.{purpose}]
connector = "compani-interventions"
purpose = "{purpose}"
source = {{ kind = "folder", path = "entrees-{purpose}", glob = "*.csv", quiet_seconds = 0 }}
destination = {{ kind = "folder", path = "sorties-{purpose}" }}
"""


@pytest.fixture
def flows(folder):
    """Write a flow for each purpose, with the same export at each door: `flows("planning", "portability")`."""

    def write(*purposes: str) -> None:
        text = "".join(FLOW.format(purpose=purpose) for purpose in purposes)
        (folder / "passerelle.toml").write_text(text, "utf-8")
        for purpose in purposes:
            (folder / f"entrees-{purpose}").mkdir()
            shutil.copy(SAMPLES / "nominal.csv", folder / f"entrees-{purpose}")

    return write


def read_delivered(folder: Path) -> dict[str, dict]:
    """Return records by contract and row: references leave as handles for one purpose, and as keys for another."""
    lines = ((path, line) for path in folder.rglob("*.ndjson") for line in path.read_text("utf-8").splitlines())
    records = ((path.name.partition("-")[2].rsplit("-", 2)[0], json.loads(line)) for path, line in lines)
    return {f"{contract}/{record['source']['row']}": record for contract, record in records}


def count_missing(whole: dict, part: dict) -> int:
    """Count the values that one form of a record has and the other has not; of columns of no field, each cell."""
    cells = sum(len(columns) for columns in whole.get("extra", {}).values()) if "extra" not in part else 0
    return cells + len(whole.keys() - part.keys() - {"extra"})


def test_values_that_the_purpose_does_not_need_are_counted_where_people_read(program, folder, flows):
    flows("planning", "portability")
    result = program("run")
    some, everything = (read_delivered(folder / f"sorties-{name}") for name in ("planning", "portability"))
    assert some.keys() == everything.keys() != set()
    missing = sum(count_missing(everything[ref], some[ref]) for ref in some)
    planning, portability = result.out.split("portability")
    assert f"{WORDS} {missing}" in planning
    assert WORDS not in portability, "nothing is left out for this purpose, and nothing is said of it"
    status = {flow["flow"]: flow["balance"] for flow in program("status", "--format", "json").json["flows"]}
    assert (status["planning"]["withheld_values"], status["portability"]["withheld_values"]) == (missing, 0)


def test_a_run_tells_the_same_figures_as_json(program, folder, flows):
    flows("planning")
    told = program("run", "--format", "json").json["flows"][0]["balance"]
    kept = program("status", "--format", "json").json["flows"][0]["balance"]
    assert told == kept
    assert (told["received"], told["delivered"], told["withheld"]) == (12, 9, 3)
    assert told["withheld_values"] > 0


def test_parcels_are_counted_by_what_became_of_them(program, folder, flows):
    flows("planning")
    for name in ("a.csv", "b.csv", "c.csv"):
        (folder / "entrees-planning" / name).write_text(f"Autre;Chose\n1;{name}\n", "utf-8")
    result = program("run", "--format", "json")
    assert result.json["flows"][0]["parcels"] == {"settled": 1, "parked": 3, "waiting": 0}
    assert result.code == 1


def test_a_destination_that_is_down_makes_parcels_wait_and_says_until_when(program, folder, flows):
    flows("planning")
    path = folder / "passerelle.toml"
    text = path.read_text("utf-8").replace(
        '{ kind = "folder", path = "sorties-planning" }',
        '{ kind = "api", base_url = "http://127.0.0.1:9", path = "/v" }',
    )
    path.write_text(text, "utf-8")
    result = program("run", "--format", "json")
    (told,) = result.json["flows"]
    assert told["parcels"] == {"settled": 0, "parked": 0, "waiting": 1}
    assert told["trouble"]["reason"] == "incident.supplier.unreachable"
    assert told["waiting_until"]
    assert result.code == 75
    assert "parcels waiting: 1 (until" in program("run").out


def test_what_is_not_due_is_not_run_and_it_is_said_when_it_will_be(program, oddities):
    settings = oddities / "passerelle.toml"
    assert program("run", "--due").code == 1, "its time came within the last day, and it never ran"
    later = program("run", "--due", "--format", "json")
    assert (later.code, later.json["flows"]) == (0, [])
    assert list(later.json["following"]) == ["visites"]
    assert "No flow is due" in program("run", "--due").out
    assert program("run").code == 0, "who runs by hand runs"
    settings.write_text(settings.read_text("utf-8").replace("chaque nuit", "quand Sylvie le dit"), "utf-8")
    assert program("run").code == 0
    refused = program("run", "--due")
    assert refused.code == 64
    assert "visites" in refused.err
    assert "not understood: visites" in program("doctor", "--offline").out
