"""Every reference of every contract carries the number that the new software gave, whatever it refers to."""

from __future__ import annotations

import csv
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from new_software import NewSoftware
from old_software import settle_in

from passerelle import contracts
from passerelle.contracts.field_types import list_shapes
from passerelle.contracts.types import FieldKind
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.extension.plugin_info import PluginInfo
from passerelle.extension.plugins import Plugins
from passerelle.extension.supplier import Connector, Supplier
from passerelle.stages.decode.dialects import Csv
from passerelle.stages.translate import Constant, Ref
from passerelle.stages.translate.table import Table, Where
from passerelle.switching import switch_settings as switching
from passerelle.switching.decisions import AcceptedLoss, Decisions
from passerelle.switching.record_texts import list_open_references, map_references
from passerelle.switching.run.moving import prepare_move, run_move

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_INFO = PluginInfo("vieux", "vieux", "1.0", "")
_KIND = "Sorte"
_DAYS = {"interaction/1": "occurred_on", "visit/1": "planned_start", "absence/1": "starts_on"}
"""Where a rule asks for a day that no field requires."""


def _name_family(contract: str) -> str:
    return contract.partition("/")[0]


def _list_families() -> list[str]:
    return [_name_family(contract) for contract in contracts.catalogue()]


def _list_links(contract: str) -> list[str]:
    """List the fields that hold a reference, as the metadata of the contract has it."""
    shapes = list_shapes(contracts.get(contract))
    return [name for name, shape in shapes.items() if shape.kind is FieldKind.URN and name != "ref"]


def _make_tables(contract: str) -> tuple[Table, ...]:
    """Make the tables of a contract: one, or one for each family where a field leads to any."""
    model, family = contracts.get(contract), _name_family(contract)
    facts = model.describe_fields()
    fields: dict[str, Any] = {
        name: Constant(facts[name].example)
        for name, info in model.model_fields.items()
        if (info.is_required() and name not in ("ref", "source", *_list_links(contract))) or name == _DAYS.get(contract)
    }
    fields["ref"] = Ref("Id", system="vieux", entity=family)
    fields |= {name: Ref(name, system="vieux", entity=to) for name, to in map_references(contract).items()}
    if not list_open_references(contract):
        return (Table(contract=contract, fields=fields),)
    return tuple(
        Table(
            contract=contract,
            fields=fields | {name: Ref(name, system="vieux", entity=target) for name in list_open_references(contract)},
            where=(Where(_KIND, (target,)),),
        )
        for target in _list_families()
    )


@cache
def _make_plugins() -> Plugins:
    connectors = tuple(
        Connector(
            id=f"vieux-{_name_family(contract).replace('_', '-')}",
            title=contract,
            dialect=Csv(),
            tables=_make_tables(contract),
        )
        for contract in contracts.catalogue()
    )
    supplier = Supplier(id="vieux", title="Vieux logiciel", connectors=connectors)
    return Plugins((_INFO,), (supplier,), {one.id: (supplier, one, _INFO) for one in connectors})


def _write_export(folder: Path, contract: str, rows: list[dict[str, str]]) -> None:
    folder.mkdir(exist_ok=True)
    heads = ["Id", *_list_links(contract), *([_KIND] if list_open_references(contract) else [])]
    with (folder / f"{_name_family(contract)}.csv").open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, heads, delimiter=";")
        writer.writeheader()
        writer.writerows(rows)


def _make_rows(contract: str) -> list[dict[str, str]]:
    """Make two records, the second of which refers to the first; where a field leads to any family, one for each."""
    family, own = _name_family(contract), map_references(contract)
    plain = {name: "1" for name, target in own.items() if target != family}
    among = {name: "1" for name, target in own.items() if target == family}
    rows = [{"Id": "1", **plain}, {"Id": "2", **plain, **among}]
    for name in list_open_references(contract):
        rows = [
            {"Id": str(nth), **plain, name: "1" if target != family or nth > 1 else "", _KIND: target}
            for nth, target in enumerate([family, *(one for one in _list_families() if one != family), family], start=1)
        ]
    return rows


def _write_switch(folder: Path, url: str, moved: Collection[str]) -> None:
    exports = ",\n".join(
        f'  {{ connector = "{one.id}", path = "exports/{_name_family(one.tables[0].contract)}.csv" }}'
        for one in _make_plugins().suppliers[0].connectors
        if one.tables[0].contract in moved
    )
    door = f'destination = {{ kind = "api", base_url = "{url}", path = "{{family}}s", per_second = 5000 }}'
    (folder / "switch.toml").write_text(
        f"[side.ancien]\nexports = [\n{exports},\n]\n[side.nouveau]\n"
        'exports = [{ contract = "person/1", path = "retour/*.jsonl" }]\n'
        f'[switch.bascule]\nfrom = "ancien"\nto = "nouveau"\n[[switch.bascule.deliver]]\n{door}\n',
        "utf-8",
    )


@pytest.fixture
def new():
    with NewSoftware() as software:
        yield software


def _move(folder: Path, decisions: Decisions | None = None):
    with open_workspace(load_settings(folder / "passerelle.toml"), plugins=_make_plugins()) as opened:
        document = switching.load_switch_file(folder / "switch.toml")
        return run_move(opened, prepare_move(opened, document, "bascule"), decisions)


def _name_old(new: NewSoftware, reference: str) -> str:
    """Return the old software's name of what a reference in the new one leads to."""
    system, family, number = reference.split(":")
    assert system == "nouveau", reference
    return new.held[f"{family}s", number.replace("%20", " ")]["ref"]


def test_references_of_every_contract_are_translated_those_to_any_family_too(tmp_path, new):
    settle_in(tmp_path)
    wanted = {contract: _make_rows(contract) for contract in contracts.catalogue()}
    for contract, rows in wanted.items():
        _write_export(tmp_path / "exports", contract, rows)
    _write_switch(tmp_path, new.url, wanted)
    moved = _move(tmp_path)
    assert (moved.stopped, moved.waiting, moved.undelivered) == ("", 0, ())
    for contract, rows in wanted.items():
        family = _name_family(contract)
        bodies = {body["ref"]: body for body in new.of(f"{family}s")}
        assert len(bodies) == len(rows), contract
        for row in rows:
            body = bodies[f"vieux:{family}:{row['Id']}"]
            targets = {**map_references(contract), **dict.fromkeys(list_open_references(contract), row.get(_KIND))}
            # All that the metadata calls a reference, and no less.
            assert set(targets) == set(_list_links(contract))
            for name, target in targets.items():
                if row.get(name):
                    assert _name_old(new, body[name]) == f"vieux:{target}:1", (contract, name)
                else:
                    assert name not in body


def test_two_records_that_name_one_another_wait_until_somebody_accepts_to_lose_one_of_both_links(tmp_path, new):
    settle_in(tmp_path)
    _write_export(tmp_path / "exports", "person/1", [{"Id": "1"}])
    paper = {"Id": "1", "person_ref": "1", "about_ref": "1", _KIND: "assessment"}
    _write_export(tmp_path / "exports", "document/1", [paper])
    _write_export(tmp_path / "exports", "assessment/1", [{"Id": "1", "person_ref": "1", "document_ref": "1"}])
    _write_switch(tmp_path, new.url, {"person/1", "document/1", "assessment/1"})
    assert _move(tmp_path).waiting == 2
    loss = AcceptedLoss("document/1", "about_ref", "broken_reference", "La directrice", "Le bilan nomme sa pièce")
    assert _move(tmp_path, Decisions(accepted=(loss,))).waiting == 0
    (paper,), (assessment,) = new.of("documents"), new.of("assessments")
    assert "about_ref" not in paper
    assert _name_old(new, assessment["document_ref"]) == "vieux:document:1"
