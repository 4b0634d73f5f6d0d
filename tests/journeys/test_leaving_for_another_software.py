"""From one software to another that gives its own ids: moved, read back, compared, proved, taken back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import count

import pytest
from new_software import NewSoftware
from old_software import CONTACTS, PEOPLE, PLUGINS, contacts, people, settle_in

from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.switching import switch_settings as switching
from passerelle.switching.compare.side_comparing import ComparisonTerms, compare_sides
from passerelle.switching.compare.side_findings import FindingLog
from passerelle.switching.difference_kinds import DifferenceKind
from passerelle.switching.prove import keys, signing
from passerelle.switching.prove.dossier import DossierInput, build_document
from passerelle.switching.prove.dossier_verifying import verify_dossier
from passerelle.switching.rollback.undoing import roll_back
from passerelle.switching.run.moving import prepare_move, run_move
from passerelle.switching.run.relinking import RefTranslator, learn_refs
from passerelle.switching.side import make_side
from passerelle.switching.simulated_target import SimulatedTarget
from passerelle.switching.snapshot import take_snapshot

FAMILIES = ("person", "professional", "interaction")
SWITCH = f"""
[side.ancien]
exports = [
  {{ connector = "{CONTACTS}", path = "exports/contacts*.csv" }},
  {{ connector = "{PEOPLE}", path = "exports/personnes*.csv" }},
]

[side.nouveau]
exports = [
  {{ contract = "person/1", path = "exports/nouveau-person.jsonl" }},
  {{ contract = "professional/1", path = "exports/nouveau-professional.jsonl" }},
  {{ contract = "interaction/1", path = "exports/nouveau-interaction.jsonl" }},
]

[switch.bascule]
from = "ancien"
to = "nouveau"

[[switch.bascule.deliver]]
"""
DOOR = (
    'destination = {{ kind = "api", base_url = "{url}", path = "{{family}}s", delete_path = "{{family}}s/{{id}}", '
    "per_second = 5000 }}\n"
)


@pytest.fixture
def new():
    with NewSoftware() as software:
        yield software


@pytest.fixture
def house(tmp_path, new):
    people(tmp_path / "exports", *((n, f"NOM{n}", 500 + n % 3) for n in range(1, 16)))
    rows = [
        (
            100 + n,
            1 + n % 15,
            500 + n % 3,
            f"{1 + n:02d}/05/2024",
            100 + n - 5 if n > 20 else "",
            "Suivi",
            f"PRO{n % 3}",
        )
        for n in range(28)
    ]
    contacts(tmp_path / "exports", *rows)
    (tmp_path / "switch.toml").write_text(SWITCH + DOOR.format(url=new.url), "utf-8")
    with open_workspace(load_settings(settle_in(tmp_path)), plugins=PLUGINS) as opened:
        yield opened


def _export(new: NewSoftware, folder) -> None:
    """Let the new software export what it holds, under its own ids, in contract form."""
    for family in FAMILIES:
        lines = []
        for (path, number), body in new.held.items():
            if path == f"{family}s":
                own = {**body, "ref": f"nouveau:{family}:{number.replace(' ', '%20')}"}
                own.pop("source")
                lines.append(json.dumps(own, ensure_ascii=False))
        (folder / f"nouveau-{family}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")


def _compared(house, folder, turn=count()):  # noqa: B008  each comparison has a folder of its own
    about = switching.load_switch_file(folder / "switch.toml")
    work = folder / f"work-{next(turn)}"
    old, fresh = (make_side(name, about.side[name], PLUGINS) for name in ("ancien", "nouveau"))
    origin, target = take_snapshot(old, work / "origin"), take_snapshot(fresh, work / "target")
    known = learn_refs(RefTranslator(house, prepare_move(house, about, "bascule")), origin)
    (work / "rows").mkdir()
    with FindingLog(work / "ecarts.jsonl", lambda _ref: "") as findings:
        found = compare_sides(
            origin,
            target,
            ComparisonTerms(simulated=SimulatedTarget(fresh), translation=known),
            folder=work / "rows",
            findings=findings,
        )
    return found, origin, target, known


def test_what_was_moved_is_found_again_record_by_record_and_the_dossier_says_so(house, new, tmp_path):
    about = switching.load_switch_file(tmp_path / "switch.toml")
    assert run_move(house, prepare_move(house, about, "bascule")).stopped == ""
    _export(new, tmp_path / "exports")
    found, origin, target, known = _compared(house, tmp_path)
    assert found.groups == {}
    assert found.tallies["interaction/1"].matched["reference"] == 28
    keys.make_key(tmp_path / "cle.pem")
    case = DossierInput(
        name="bascule",
        origin=origin,
        target=target,
        comparison=found.to_json(),
        at=datetime(2026, 11, 21, tzinfo=UTC),
        seed="tirage",
        learned_refs=known,
    )
    signing.write_dossier(tmp_path / "preuve", build_document(case), keys.load_key(tmp_path / "cle.pem"))
    verdict = verify_dossier(tmp_path / "preuve", exports=tmp_path / "exports", plugins=PLUGINS)
    assert (verdict.flaws, len(verdict.recomputed)) == ([], 7)


def test_what_the_new_software_loses_afterwards_is_named(house, new, tmp_path):
    run_move(house, prepare_move(house, switching.load_switch_file(tmp_path / "switch.toml"), "bascule"))
    persons = [where for where in new.held if where[0] == "persons"]
    new.held[persons[0]].pop("birth_name")
    del new.held[next(where for where in new.held if where[0] == "interactions")]
    _export(new, tmp_path / "exports")
    kinds = {kind for kind, _contract, _fields in _compared(house, tmp_path)[0].groups}
    assert {DifferenceKind.LOST, DifferenceKind.DROPPED} <= kinds


def test_after_a_rollback_nothing_of_ours_is_there(house, new, tmp_path):
    about = switching.load_switch_file(tmp_path / "switch.toml")
    run_move(house, prepare_move(house, about, "bascule"))
    roll_back(house, prepare_move(house, about, "bascule"))
    assert new.held == {}
