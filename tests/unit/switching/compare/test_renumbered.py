"""A faithful move gives new numbers: once persons are confirmed, nothing differs, whatever the contract."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from journeying import count_examples
from strategies import records as make_records
from switching_sides import compared, named

from passerelle import contracts
from passerelle.stages.validate.model_path import judge
from passerelle.switching.compare.rows import list_alike
from passerelle.switching.decisions import Decisions, PersonMatch
from passerelle.switching.record_texts import list_open_references, map_references

_PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)
_COUNT = 3
"""Records of each family that others refer to."""
_OWN_FIELDS: dict[str, Any] = {
    "person": lambda n: {"usual_name": f"Nom{n}", "birth_date": f"194{n}-03-0{n}"},
    "organisation": lambda n: {"name": f"Service {n}"},
    "professional": lambda n: {"last_name": f"Agent{n}", "first_name": "Ana"},
    "case": lambda n: {"opened_on": f"2023-0{n}-01"},
    "need": lambda n: {"identified_on": f"2023-0{n}-02", "description": f"Besoin {n}"},
    "goal": lambda n: {"title": f"But {n}"},
    "interaction": lambda n: {"channel": {"code": "phone"}, "occurred_on": f"2023-0{n}-03"},
    "document": lambda n: {"title": f"Pièce {n}"},
    "note": lambda n: {"text": f"Note {n}"},
    "funded_plan": lambda n: {"start_on": f"2023-0{n}-04"},
    "planned_visit": lambda n: {"planned_start": f"2023-0{n}-05T08:00:00+01:00"},
    "visit": lambda n: {"status": "done", "planned_start": f"2023-0{n}-05T08:00:00+01:00"},
    "absence": lambda n: {"starts_on": f"2023-0{n}-06"},
    "invoice": lambda n: {"number": f"F-{n}", "issued_on": f"2023-0{n}-07"},
}

_OPEN_TARGETS = ("person", "case", "visit", "invoice")
"""What a document may go with, in these worlds."""


def _make_world(wanted: str) -> dict[str, list[dict[str, Any]]]:
    """Give three records of each family that a contract refers to, and of those that these need."""
    families, waiting = {"person"}, [*map_references(wanted).values()]
    waiting += _OPEN_TARGETS if list_open_references(wanted) else ()
    while waiting:
        family = waiting.pop()
        if family not in families:
            families.add(family)
            waiting += [map_references(f"{family}/1")["person_ref"]] if "person_ref" in _get_required(family) else []
    world = {}
    for family in sorted(families):
        rows = [{"ref": f"a:{family}:{n}", **_OWN_FIELDS[family](n)} for n in range(1, _COUNT + 1)]
        if "person_ref" in map_references(f"{family}/1"):
            rows = [{**row, "person_ref": f"a:person:{n}"} for n, row in enumerate(rows, 1)]
        world[f"{family}/1"] = rows
    return world


def _get_required(family: str) -> set[str]:
    return {name for name, info in contracts.get(f"{family}/1").model_fields.items() if info.is_required()}


def _renumber(world: dict[str, list[dict[str, Any]]]) -> tuple[dict[str, list[dict[str, Any]]], dict[str, str]]:
    """Give every record another number under another system, in another order."""
    refs = [row["ref"] for rows in world.values() for row in rows]
    new = {ref: f"b:{ref.split(':')[1]}:{(number * 7919 + 13) % 10007}" for number, ref in enumerate(refs)}
    moved = {
        contract: [
            {name: new.get(value, value) if name.endswith(("ref", "_of")) else value for name, value in row.items()}
            for row in reversed(rows)
        ]
        for contract, rows in world.items()
    }
    return moved, new


def _refer(row: dict[str, Any], contract: str, number: int, count: int, choose: Any) -> dict[str, Any]:
    """Make the references of an invented record lead to records that are there."""
    family = contracts.get(contract).about.family
    kept = {name: value for name, value in row.items() if name not in {"extra", "source", "confirmed_none"}}
    for name, target in map_references(contract).items():
        if name in kept:
            kept[name] = f"a:{target}:{choose(count if target == family else _COUNT) + 1 + 10 * (target == family)}"
    for name in list_open_references(contract):
        if name in kept:
            kept[name] = f"a:{_OPEN_TARGETS[choose(len(_OPEN_TARGETS))]}:{choose(_COUNT) + 1}"
    return {**kept, "ref": f"a:{family}:{number + 11}"}


def _read_content(row: dict[str, Any], contract: str) -> str:
    told = {name: row[name] for name in list_alike(contract) if name in row}
    return json.dumps(told, sort_keys=True) if told else ""


@pytest.mark.parametrize("contract", sorted(contracts.catalogue()))
@settings(max_examples=count_examples(6), deadline=None, suppress_health_check=list(HealthCheck), phases=_PHASES)
@given(data=st.data())
def test_a_faithful_move_with_new_numbers_differs_in_nothing(tmp_path_factory, contract, data):
    invented = data.draw(st.lists(make_records(contracts.get(contract)), min_size=2, max_size=5))

    def choose(most: int) -> int:
        return data.draw(st.integers(0, most - 1))

    rows = [_refer(row, contract, number, len(invented), choose) for number, row in enumerate(invented)]
    rows = [row for row in rows if all(finding.warns for finding in judge(row, contracts.get(contract)))]
    if contract != "person/1":
        # Records that say nothing, or the same in all but their numbers, are one to whoever reads them.
        by_content = {_read_content(row, contract): row for row in rows}
        rows = [row for told, row in by_content.items() if told]
    assume(rows)
    world = _make_world(contract)
    world[contract] = [*world.get(contract, []), *rows]
    moved, new = _renumber(world)
    matches = tuple(PersonMatch("person/1", row["ref"], new[row["ref"]]) for row in world["person/1"])
    found = compared(tmp_path_factory.mktemp("renumbered"), world, moved, Decisions(matches=matches))
    assert named(found) == []
    assert found.is_faithful


def test_two_papers_of_one_day_are_not_taken_for_one_another(tmp_path):
    papers = [
        {"ref": f"a:document:{n}", "person_ref": "a:person:1", "written_on": "2024-03-01", "title": title}
        for n, title in enumerate(("Devis", "Contrat", "Avenant"))
    ]
    world = {**_make_world("document/1"), "document/1": papers}
    moved, new = _renumber(world)
    moved["document/1"][0]["comment"] = "relu"  # the last of them, and the only one that differs
    matches = tuple(PersonMatch("person/1", row["ref"], new[row["ref"]]) for row in world["person/1"])
    found = compared(tmp_path, world, moved, Decisions(matches=matches))
    assert named(found) == [("added_value", ("comment",), 1)]
    assert found.tallies["document/1"].matched == {"content": 2, "natural_key": 1}


def _make_twins() -> dict[str, list[dict[str, Any]]]:
    """Give two persons of one name and one birthday, each with an invoice and a visit of its own, and a third."""
    twin = {"birth_name": "Martin", "first_names": "Jeanne", "birth_date": "1940-02-03"}
    persons = [{"ref": f"a:person:{n}", **twin} for n in (1, 2)] + [{"ref": "a:person:3", "birth_name": "Petit"}]
    visits = [
        {
            "ref": f"a:visit:{n}",
            "person_ref": f"a:person:{n}",
            "status": "done",
            "planned_start": f"2024-03-0{n}T08:00:00+01:00",
        }
        for n in (1, 2, 3)
    ]
    return {"person/1": persons, "visit/1": visits}


def test_two_persons_of_one_name_and_birthday_are_told_apart_once_somebody_said_who_is_who(tmp_path):
    world = _make_twins()
    moved, new = _renumber(world)
    matches = tuple(PersonMatch("person/1", row["ref"], new[row["ref"]]) for row in world["person/1"])
    found = compared(tmp_path, world, moved, Decisions(matches=matches))
    assert named(found) == []
    assert found.is_faithful


def test_two_persons_of_one_name_and_birthday_are_never_matched_by_the_tool_and_nobody_is_called_merged(tmp_path):
    world = _make_twins()
    moved, new = _renumber(world)
    found = compared(tmp_path, world, moved, Decisions())
    kinds = {kind for kind, _fields, _count in named(found)}
    assert kinds <= {"waiting", "dropped_record", "extra_record"}
    assert "merged_homonyms" not in kinds
    assert {(one.origin_ref, one.target_ref) for one in found.proposals} >= {
        (f"a:person:{n}", new[f"a:person:{other}"]) for n in (1, 2) for other in (1, 2)
    }


def test_twins_whose_records_were_exchanged_are_told(tmp_path):
    world = _make_twins()
    moved, new = _renumber(world)
    matches = tuple(PersonMatch("person/1", row["ref"], new[row["ref"]]) for row in world["person/1"])
    of = {row["ref"]: row for row in moved["visit/1"]}
    first, second = of[new["a:visit:1"]], of[new["a:visit:2"]]
    first["person_ref"], second["person_ref"] = second["person_ref"], first["person_ref"]
    found = compared(tmp_path, world, moved, Decisions(matches=matches))
    assert found.is_faithful is False
    assert all(name not in {kind for kind, _f, _c in named(found)} for name in ("merged_homonyms", "waiting"))


@pytest.mark.parametrize("seed", range(4))
def test_the_order_in_which_a_new_software_gives_its_records_back_changes_nothing(tmp_path, seed):
    world = {**_make_world("invoice/1"), "visit/1": _make_twins()["visit/1"]}
    moved, new = _renumber(world)
    dice = random.Random(seed)  # noqa: S311  an order, no secret
    shuffled = {contract: dice.sample(rows, len(rows)) for contract, rows in reversed(moved.items())}
    matches = tuple(PersonMatch("person/1", row["ref"], new[row["ref"]]) for row in world["person/1"])
    found = compared(tmp_path, world, shuffled, Decisions(matches=matches))
    assert named(found) == []


def test_names_that_the_new_software_writes_in_capitals_are_told_field_by_field_and_break_no_link(tmp_path):
    world = _make_twins()
    moved, new = _renumber(world)
    for row in moved["person/1"]:
        row["birth_name"] = row["birth_name"].upper()
    matches = tuple(PersonMatch("person/1", row["ref"], new[row["ref"]]) for row in world["person/1"])
    found = compared(tmp_path, world, moved, Decisions(matches=matches))
    assert named(found) == [("changed_text", ("birth_name",), 3)]
    unsaid = compared(tmp_path / "unsaid", world, moved, Decisions())
    assert {one.origin_ref for one in unsaid.proposals} >= {"a:person:1", "a:person:2"}
