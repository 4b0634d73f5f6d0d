"""The bidder's kit: what is in it is true, and its command gives what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from importlib.metadata import version

import pytest

from passerelle.contracts.catalogue import get
from passerelle.tender import composing, consultation, order_file, trades
from passerelle.tender.building.example import RECORDS, write_samples


@pytest.fixture(scope="module")
def kit(_built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("kit")
    with zipfile.ZipFile(_built / "kit-candidat.zip") as archive:
        archive.extractall(folder)
    return folder


def test_the_kit_holds_the_tender_the_grid_and_every_contract(kit, seen):
    assert (kit / "exigences.json").read_bytes() == (seen / "exigences.json").read_bytes()
    assert (kit / "grille-de-reponse.xlsx").read_bytes() == (seen / "grille-de-reponse.xlsx").read_bytes()
    for one in consultation.read(kit).contracts:
        folder = kit / "contrats" / one.id
        names = {path.name for path in folder.iterdir()}
        assert {
            "schema.json",
            "dictionnaire.md",
            "modele.csv",
            "modele.xlsx",
            "accepted.jsonl",
            "refused.jsonl",
        } <= names
        assert consultation.compute_digest(json.loads((folder / "schema.json").read_text("utf-8"))) == one.digest
        assert one.digest in (kit / "LISEZ-MOI.md").read_text("utf-8")


def test_the_readme_names_the_edition_that_gives_the_same_digest(kit):
    assert f"passerelle-social=={version('passerelle-social')}" in (kit / "LISEZ-MOI.md").read_text("utf-8")


def test_whoever_follows_the_readme_gets_what_it_says(kit):
    readme = (kit / "LISEZ-MOI.md").read_text("utf-8")
    command = next(line for line in readme.splitlines() if line.startswith("$ ")).removeprefix("$ passerelle ")
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from passerelle.faces.cli.main import main; sys.exit(main())",
            *command.split(),
        ],
        cwd=kit,
        env={**os.environ, "PASSERELLE_LANG": "fr", "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    expected = (kit / "resultat-attendu.txt").read_text("utf-8")
    assert ran.stdout == expected, ran.stderr
    told = readme.partition("```text\n")[2].partition("\n```")[0]
    assert told in expected


@pytest.mark.parametrize("name", trades.list_trades())
def test_the_invented_sample_of_every_trade_is_accepted_by_its_contracts(name):
    decided = composing.BuyerChoices(id="1", date="2027-01-15")
    proposed = order_file.parse(composing.compose(trades.get_trade(name), decided, "fr"))
    made = {
        file: [json.loads(line) for line in content.splitlines()] for file, content in write_samples(proposed).items()
    }
    refs = {record["ref"] for records in made.values() for record in records}
    assert len(refs) == RECORDS * len(proposed.contract)
    for contract_id, choice in proposed.contract.items():
        contract = get(contract_id)
        for record in made[f"{contract.about.family}.jsonl"][:4]:
            model = contract.model_validate(record)
            assert all(rule.holds(model) for rule in contract.rules)
            assert not {field for field, level in choice.fields.items() if level == "X"} & set(record)
            families = {one.partition("/")[0] for one in proposed.contract}
            links = {record[field] for field, fact in contract.describe_fields().items()
                     if fact.reference in families and field in record}  # fmt: skip
            assert links <= refs
