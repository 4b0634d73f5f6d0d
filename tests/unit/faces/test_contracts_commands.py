"""`passerelle contracts`: each form works for each contract, and two editions are compared without a word of code."""

from __future__ import annotations

import json

import pytest
from open_data_contract_standard.model import OpenDataContractStandard
from python_calamine import CalamineWorkbook

from passerelle import contracts
from passerelle.contracts.publishing import FILES

CATALOGUE = contracts.catalogue()


@pytest.fixture
def visit(tmp_path):
    """Write an edition of `visit`, changed as asked, in a folder of its own."""

    def write(name, version, change=lambda _schema: None):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        for file in ("schema.json", "schema.reading.json"):
            schema = json.loads(FILES[file](CATALOGUE["visit/1"]))
            schema["x-passerelle"]["version"] = version
            change(schema)
            (folder / file).write_text(json.dumps(schema), "utf-8")
        return folder

    return write


def shorter(schema):
    schema["properties"]["person_ref"]["maxLength"] = 20


def test_the_list_shows_versions_and_sizes(program):
    listed = program("contracts", "list").out.splitlines()
    assert listed[0].split()[-2:] == ["fields", "required"]
    assert len(listed) == 1 + len(CATALOGUE)
    size, required = next(line for line in listed if line.startswith("visit/1")).split()[-2:]
    assert int(size) == len(CATALOGUE["visit/1"].model_fields)
    assert int(required) == 3
    entry = program("contracts", "list", "--format", "json").json["contracts"][0]
    assert (entry["version"], entry["support_until"]) == ("1.0.0", None)


@pytest.mark.parametrize("family", [contract.about.family for contract in CATALOGUE.values()])
def test_every_contract_is_shown_in_every_form(program, family, tmp_path):
    assert program("contracts", "show", family).out.startswith(f"# {CATALOGUE[f'{family}/1'].about.en_title}")
    assert program("contracts", "show", family, lang="fr").out.startswith(
        f"# {CATALOGUE[f'{family}/1'].about.fr_title}"
    )
    shown = program("contracts", "show", family, "--format", "json").json
    assert shown["schema"] == "passerelle.contracts.show/1"
    assert [field["name"] for field in shown["fields"]] == list(CATALOGUE[f"{family}/1"].list_fields())
    standard = OpenDataContractStandard.from_string(program("contracts", "show", family, "--format", "odcs").out)
    assert standard.name == family
    workbook = tmp_path / "modele.xlsx"
    assert program("contracts", "show", family, "--format", "xlsx", "--output", workbook).code == 0
    assert CalamineWorkbook.from_path(workbook).sheet_names[0] == family


def test_a_workbook_without_a_file_to_write_is_refused(program):
    refused = program("contracts", "show", "visit", "--format", "xlsx")
    assert refused.code == 64
    assert "--output" in refused.err


def test_any_form_can_be_written_to_a_file(program, tmp_path):
    for form in ("md", "json", "odcs"):
        assert program("contracts", "show", "visit", "--format", form, "--output", tmp_path / form).out == ""
        assert (tmp_path / form).stat().st_size > 1000
    assert program("contracts", "show", "visit", "--output", tmp_path / "no" / "folder").code == 64


def test_what_is_installed_compares_with_its_own_published_folder_as_no_change(program, visit):
    folder = visit("old", "1.0.0")
    for names in ((folder, "visit/1"), ("visit@1.0.0", folder), (folder / "schema.json", folder)):
        compared = program("contracts", "diff", *names)
        assert (compared.code, compared.err) == (0, "")
        assert compared.out.count("proved") == 4
        assert "honest" in compared.out


def test_a_break_behind_a_minor_number_shows_its_counter_example_first_and_ends_with_one(program, visit):
    folder = visit("new", "1.1.0", shorter)
    compared = program("contracts", "diff", "visit@1.0.0", folder)
    assert compared.code == 1
    lines = compared.out.splitlines()
    asked = next(index for index, line in enumerate(lines) if line.startswith("C3"))
    assert len(json.loads(lines[asked - 1])["person_ref"]) > 20
    assert "not honest" in lines[-1]
    assert program("contracts", "diff", "visit@1.0.0", visit("next", "2.0.0", shorter)).code == 0


def test_a_comparison_is_told_as_a_page_and_as_json_and_in_french(program, visit):
    folder = visit("new", "1.1.0", shorter)
    assert "```json" in program("contracts", "diff", "visit/1", folder, "--format", "md").out
    told = program("contracts", "diff", "visit/1", folder, "--format", "json").json
    assert told["schema"] == "passerelle.contracts.diff/1"
    assert (told["demanded"], told["declared"], told["honest"]) == ("major", "minor", False)
    assert told["answers"]["C3"]["state"] == "broken"
    assert "Cet enregistrement est accepté" in program("contracts", "diff", "visit/1", folder, lang="fr").out


def test_a_field_that_leaves_unannounced_ends_with_one_although_the_number_is_honest(program, visit):
    folder = visit("new", "2.0.0", lambda schema: schema["properties"].pop("comment"))
    compared = program("contracts", "diff", "visit/1", folder, "--format", "json")
    assert compared.code == 1
    assert compared.json["honest"] is True
    assert compared.json["faults"] == [{"field": "comment", "offence": "removed_unannounced", "until": ""}]
    assert (
        "`comment`: it is removed without having been announced" in program("contracts", "diff", "visit/1", folder).out
    )


def test_an_announced_end_counts_from_the_day_of_publication(program, visit):
    def announce(schema):
        schema["properties"]["comment"]["x-passerelle"]["deprecated"] = {
            "since": "1.1.0",
            "until": "2028-06-01",
            "replacement": "team",
        }

    folder = visit("new", "1.1.0", announce)
    assert program("contracts", "diff", "visit/1", folder, "--published", "2027-05-01").code == 0
    late = program("contracts", "diff", "visit/1", folder, "--published", "2028-01-01", "--format", "json")
    assert (late.code, late.json["faults"][0]["offence"]) == (1, "short_notice")


def test_a_new_edition_is_held_to_the_whole_line(program, visit):
    def length(longest):
        def change(schema):
            rule = schema["properties"]["comment"]
            room = 2 if schema["x-passerelle"]["profile"] == "reading" else 1
            rule["maxLength"] = longest * room if longest < 400 else 400

        return change

    line = visit("editions/visit/1.0.0", "1.0.0", length(100)).parent
    middle = visit("editions/visit/1.1.0", "1.1.0", length(200))
    new = visit("new", "1.2.0", length(400))
    assert program("contracts", "diff", middle, new).code == 0
    for folder in (line, line.parent):
        held = program("contracts", "diff", middle, new, "--line", folder, "--format", "json")
        assert (held.code, held.json["breaks_earlier"]) == (1, ["1.0.0"])


@pytest.mark.parametrize(
    "content", ["", "not json", "[1]", '{"type": 3}', '{"x-passerelle": {"version": "one"}}', '{"a": ' * 5000, "\udcff"]
)
def test_what_is_no_schema_is_refused_with_what_to_give_instead(program, tmp_path, content):
    file = tmp_path / "given.json"
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    refused = program("contracts", "diff", "visit/1", file)
    assert refused.code == 64
    assert "visit@1.0.0" in refused.err


@pytest.mark.parametrize("name", ["visit@2.0.0", "visite/1", "nowhere/schema.json"])
def test_an_edition_that_nobody_has_is_refused_with_those_that_are_published(program, name):
    refused = program("contracts", "diff", name, "visit/1")
    assert refused.code == 64
    assert "visit/1" in refused.err
