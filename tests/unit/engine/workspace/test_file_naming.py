"""One file name in the settings: which texts are a name, and that no two contracts or flows write the same file."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples
from pydantic_core import PydanticCustomError

from passerelle.engine.settings.file_name_template import check_template, fill_template
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.file_naming import check_file_names
from passerelle.extension.loading import load_plugins
from passerelle.vocabulary.errors import FlowError, SettingsError

FLOW = """
[flow.{name}]
connector = "{connector}"
purpose = "support"
leave_out = {leave_out}
source = {{ kind = "folder", path = "entrees" }}
destination = {{ {destination} }}
"""
FOLDER = 'kind = "folder", path = "sorties", format = "csv", file_name = "{}"'
SFTP = (
    'kind = "sftp", host = "{}", user = "u", key = "file:cle", path = "/depot", format = "csv", '
    'file_name = "visites.csv"'
)
VISITS = "compani-interventions"


def _write(name: str, destination: str, connector: str = VISITS, leave_out: str = "[]") -> str:
    return FLOW.format(name=name, connector=connector, destination=destination, leave_out=leave_out)


@pytest.fixture
def load(tmp_path):
    def read(*flows: str):
        path = tmp_path / "passerelle.toml"
        path.write_text("".join(flows), "utf-8")
        return load_settings(path)

    return read


def _list_problems(load, *flows):
    with pytest.raises(SettingsError) as caught:
        load(*flows)
    return [(problem.code, problem.details["key"]) for problem in caught.value.problems]


@pytest.mark.parametrize(
    "name",
    [
        *("visites.csv", "Visites du jour.csv", "visites-{date}.csv", "{contract}_{date}.csv", "interventions été.csv"),
        *("console.csv", "visites.v2.csv", "com10.csv"),
    ],
)
def test_a_plain_name_is_a_template(name):
    assert check_template(name) == name


@pytest.mark.parametrize(
    "name",
    [
        *("../visites.csv", "a/b.csv", "a\\b.csv", "/visites.csv", "c:visites.csv", "visites?.csv", "a\nb.csv"),
        *(".visites.csv", " visites.csv", "visites.csv.", "visites.csv ", "visites", "visites.part", "x.state"),
        *("CON.csv", "lpt1.csv", "nul.txt.csv", "con .csv", "archives", "{jour}.csv", "{date.csv", "date}.csv"),
        *("x" * 117 + ".csv", "é" * 60 + ".csv", "{contract!r}.csv", "{}.csv", "{date:%Y}.csv"),
    ],
)
def test_a_path_a_reserved_name_or_an_unknown_place_is_no_template(name):
    with pytest.raises(PydanticCustomError):
        check_template(name)


@settings(max_examples=count_examples(200), deadline=None)
@given(st.text(max_size=40), st.sampled_from(["visit/1", "planned_visit/1"]))
def test_whatever_is_accepted_is_a_plain_file_of_its_folder(text, contract):
    try:
        template = check_template(f"{text}.csv")
    except PydanticCustomError:
        return
    name = fill_template(template, contract, date(2026, 11, 30))
    assert not re.search(r"[/\\:\x00-\x1f{}]", name)
    assert name not in (".", "..")
    assert not name.startswith(".")
    assert len(name.encode()) <= 120


def test_a_date_and_a_contract_take_their_places():
    assert fill_template("{contract}-{date}.csv", "planned_visit/1", date(2026, 11, 30)) == (
        "planned_visit-2026-11-30.csv"
    )


def test_every_mistake_is_told_with_its_key(load):
    flows = (
        _write("un", FOLDER.format("a/b.csv")),
        _write("deux", 'kind = "folder", path = "sorties", file_name = "visites.csv"'),
        _write("trois", 'kind = "folder", path = "sorties", file_holds = "all"'),
        _write("quatre", 'kind = "folder", path = "sorties", when_there = "number"'),
        _write("cinq", FOLDER.format("x.csv") + ', when_there = "wiat"'),
    )
    assert _list_problems(load, *flows) == [
        ("settings.value.invalid", "flow.un.destination.file_name"),
        ("settings.file_name.ending", "flow.deux.destination"),
        ("settings.file_name.missing", "flow.trois.destination"),
        ("settings.file_name.missing", "flow.quatre.destination"),
        ("settings.value.misspelt", "flow.cinq.destination.when_there"),
    ]


def test_two_flows_that_name_the_same_file_are_refused_however_it_is_written(load):
    one, two = _write("un", FOLDER.format("Été.csv")), _write("deux", FOLDER.format("E\u0301TÉ.CSV"))
    assert _list_problems(load, one, two) == [("settings.file_name.shared", "flow.deux.destination.file_name")]
    there = FOLDER.format("Été.csv").replace("sorties", "entrees/../sorties")
    assert _list_problems(load, one, _write("deux", there)) == [
        ("settings.file_name.shared", "flow.deux.destination.file_name")
    ]
    remote = _write("un", SFTP.format("depot.exemple.fr")), _write("deux", SFTP.format("DEPOT.exemple.fr"))
    assert len(_list_problems(load, *remote)) == 1


def test_other_folders_servers_and_days_are_other_files(load):
    flows = (
        _write("un", FOLDER.format("visites.csv")),
        _write("deux", FOLDER.format("visites.csv").replace("sorties", "ailleurs")),
        _write("trois", FOLDER.format("visites-{date}.csv")),
        _write("quatre", SFTP.format("un.exemple.fr")),
        _write("cinq", SFTP.format("deux.exemple.fr")),
    )
    assert len(load(*flows).flows) == 5


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ("visites.csv", None, "settings.file_name.contracts"),
        ("visites-{date}.csv", None, "settings.file_name.contracts"),
        ("{contract}.csv", None, ""),
        ("{contract}.csv", "{contract}.csv", "settings.file_name.shared"),
        ("{contract}.csv", "VISIT.csv", "settings.file_name.shared"),
        ("{contract}.csv", "{contract}-soir.csv", ""),
    ],
)
def test_what_the_contracts_of_connectors_make_of_names_is_looked_at(load, first, second, code):
    flows = [_write("un", FOLDER.format(first))]
    if second is not None:
        left = '["absence/1"]' if "contract" not in second else "[]"
        flows.append(_write("deux", FOLDER.format(second), leave_out=left))
    loaded, plugins = load(*flows).flows, load_plugins(None)

    def check():
        check_file_names(loaded["un"], loaded.values(), lambda name: plugins.find_connector(name)[1])

    if not code:
        check()
        return
    with pytest.raises(FlowError) as caught:
        check()
    assert caught.value.code == code


def test_contracts_that_are_left_out_write_no_file(load):
    plugins = load_plugins(None)
    contracts = {table.contract for table in plugins.find_connector(VISITS)[1].tables}
    left = str(sorted(contracts - {"visit/1"})).replace("'", '"')
    loaded = load(_write("un", FOLDER.format("visites.csv"), leave_out=left)).flows
    check_file_names(loaded["un"], loaded.values(), lambda name: plugins.find_connector(name)[1])
