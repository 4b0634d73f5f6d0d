"""Suppliers in TOML: the same objects as in Python, code tables beside, every mistake told with its place."""

from __future__ import annotations

import io
import re

import pytest

from passerelle.engine.rehearsal.file_check import check
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import load_workspace_plugins
from passerelle.extension.loading import load_plugins
from passerelle.extension.supplier import Connector, Supplier
from passerelle.extension.toml_files import compute_version
from passerelle.extension.toml_suppliers import read_supplier
from passerelle.stages import translate as to
from passerelle.stages.decode.dialects import Csv
from passerelle.stages.translate import OutOfScope, Table, Where
from passerelle.vocabulary.errors import FatalError, ParcelError, SettingsError

GOOD = """\
id = "acme"
title = "Acme"

[connector.acme-visits]
title = "Passages"
nulls = ["", "-"]

[connector.acme-visits.dialect]
kind = "csv"
delimiter = ";"

[connector.acme-visits.table.visits]
contract = "visit/1"
where = [{ column = "Type", values = ["V"] }]
carried = ["Nom"]

[connector.acme-visits.table.visits.waived]
"Durée" = "derived"

[connector.acme-visits.table.visits.fields]
ref = { kind = "first_of", of = [
  { kind = "ref", column = "Id", entity = "visit" },
  { kind = "ref", column = ["Personne", "Jour"], entity = "visit", whole = true },
] }
person_ref = { kind = "ref", column = "Personne", entity = "person", system = "other" }
status = { kind = "word", column = "État", table = "codes/etats.csv" }
planned_start = { kind = "local_date_time", column = ["Jour", "Heure"], formats = ["%d/%m/%Y %H:%M"] }
tasks = [{ kind = "code", column = "Tâche 1" }, { kind = "code", column = "Tâche 2" }]

[connector.acme-visits.out_of_scope.internal]
where = [{ column = "Type", values = ["R"] }]
fr = "réunion"
en = "meeting"
"""
FIELDS = "connector.acme-visits.table.visits.fields"


@pytest.fixture
def described(tmp_path):
    (tmp_path / "editeurs" / "codes").mkdir(parents=True)
    (tmp_path / "editeurs" / "codes" / "etats.csv").write_text("mot;code\nFait;done\nAnnulé;cancelled\n", "utf-8")

    def write(text=GOOD):
        path = tmp_path / "editeurs" / "acme.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def problems(path):
    with pytest.raises(SettingsError) as caught:
        read_supplier(path, path.parent)
    return [(one.code, int(one.details["line"]), one.details["key"], one) for one in caught.value.problems]


def test_a_description_makes_the_same_objects_as_python(described):
    path = described()
    fields = {
        "ref": (
            to.FirstOf(
                to.Ref("Id", entity="visit", system="acme"),
                to.Ref(("Personne", "Jour"), entity="visit", system="acme", whole=True),
            ),
        ),
        "person_ref": (to.Ref("Personne", system="other", entity="person"),),
        "status": (to.Word("État", table={"Fait": "done", "Annulé": "cancelled"}),),
        "planned_start": (to.LocalDateTime(("Jour", "Heure"), formats=("%d/%m/%Y %H:%M",)),),
        "tasks": (to.Code("Tâche 1"), to.Code("Tâche 2")),
    }
    table = Table(
        contract="visit/1", fields=fields, where=(Where("Type", ("V",)),), waived={"Durée": "derived"}, carried=("Nom",)
    )
    scope = OutOfScope(fr="réunion", en="meeting", where=(Where("Type", ("R",)),))
    connector = Connector(
        id="acme-visits",
        title="Passages",
        dialect=Csv(),
        tables=(table,),
        out_of_scope=(scope,),
        nulls=("", "-"),
    )
    assert read_supplier(path, path.parent) == Supplier(id="acme", title="Acme", connectors=(connector,))


OPTIONAL = GOOD.replace('carried = ["Nom"]', 'carried = ["Nom"]\noptional = ["Tâche 2", "Type"]\n').replace(
    'values = ["V"] }]', 'values = ["R"], negated = true }]'
)


def check_partial(path):
    """Check a file that lacks a column which is read, and the one which decides."""
    supplier = read_supplier(path, path.parent)
    rows = "Id;Personne;Jour;Heure;État;Durée;Nom;Tâche 1\n1;2;04/11/2024;09:00;Fait;60;N;Lever\n"
    return check(io.BytesIO(rows.encode()), supplier.id, supplier.connectors[0])


def test_optional_columns_may_be_absent_even_those_that_decide(described):
    report = check_partial(described(OPTIONAL.replace('fr = "réunion"', 'optional = ["Type"]\nfr = "réunion"')))
    assert report.accepted == {"visit/1": 1}
    assert not [key for key in report.causes if key.code.startswith("translate.column")]


def test_a_column_that_decides_is_needed_by_whoever_does_not_call_it_optional(described):
    with pytest.raises(ParcelError) as refused:
        check_partial(described(OPTIONAL))
    assert (refused.value.code, refused.value.details["columns"]) == ("translate.column.missing", "«Type»")


MISTAKES = {
    "a misspelt key of a converter": (
        ('column = "État"', 'colunm = "État"'),
        {("settings.key.misspelt", f"{FIELDS}.status.colunm", "column"), ("settings.key.missing", None, None)},
    ),
    "an unknown converter": (
        ('kind = "word"', 'kind = "wrod"'),
        {("settings.value.misspelt", f"{FIELDS}.status.kind", "word")},
    ),
    "an unknown field": (
        ("planned_start =", "planned_strat ="),
        {("settings.supplier.unknown", f"{FIELDS}.planned_strat", "planned_start")},
    ),
    "an unknown contract": (
        ('"visit/1"', '"visits/1"'),
        {("settings.supplier.unknown", "connector.acme-visits.table.visits.contract", "visit/1")},
    ),
    "a required field that nothing fills": (
        ('person_ref = { kind = "ref", column = "Personne", entity = "person", system = "other" }\n', ""),
        {("settings.key.missing", f"{FIELDS}.person_ref", None)},
    ),
    "a converter that does not fit": (
        ('status = { kind = "word", column = "État", table = "codes/etats.csv" }',
         'status = { kind = "yes_no", column = "État" }'),
        {("settings.supplier.defect", f"{FIELDS}.status", None)},
    ),
    "a format that cannot be": (
        ("%d/%m/%Y %H:%M", "%d/%m/%q"),
        {("settings.supplier.defect", f"{FIELDS}.planned_start", None)},
    ),
    "a code table that is not there": (
        ("codes/etats.csv", "codes/autre.csv"),
        {("settings.codes.unreadable", f"{FIELDS}.status", None)},
    ),
    "a code table outside of the folder": (
        ("codes/etats.csv", "../etats.csv"),
        {("settings.codes.unreadable", f"{FIELDS}.status", None)},
    ),
    "an optional column that nobody reads": (
        ('carried = ["Nom"]', 'optional = ["Tache 1"]'),
        {("settings.supplier.unknown", "connector.acme-visits.table.visits.optional", "Tâche 1")},
    ),
    "an optional column that decides nothing": (
        ('fr = "réunion"', 'optional = ["Typ"]\nfr = "réunion"'),
        {("settings.supplier.unknown", "connector.acme-visits.out_of_scope.internal.optional", "Type")},
    ),
    "a waiver without a reason": (
        ('"Durée" = "derived"', '"Durée" = ""'),
        {("settings.value.invalid", "connector.acme-visits.table.visits.waived.Durée", None)},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "told"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_its_key_line_and_nearest_name(described, change, told):
    assert change[0] in GOOD
    text = GOOD.replace(*change)
    found = problems(described(text))
    for code, key, near in told:
        matching = [(line, one) for found_code, line, found_key, one in found if (found_code, found_key) == (code, key)]
        if key is None:
            assert code in [entry[0] for entry in found]
            continue
        ((line, one),) = matching
        if code != "settings.key.missing":
            assert key.rpartition(".")[2].replace("kind", "status") in text.splitlines()[line - 1]
        assert near is None or one.details["nearest"] == near
        assert str(one)


def test_what_is_not_toml_is_told_with_its_line(described):
    assert [entry[:2] for entry in problems(described(GOOD.replace('title = "Acme"', "title = ")))] == [
        ("settings.file.syntax", 2)
    ]


@pytest.mark.parametrize(
    ("table", "row"),
    [("mot;code\nFait;done\nFait;cancelled\n", "3"), ("mot;code\nFait\n", "2"), ("mot;code\n\nFait;\n", "3")],
    ids=["twice", "no code", "empty code"],
)
def test_a_line_of_a_code_table_that_is_no_pair_is_told(described, table, row):
    path = described()
    (path.parent / "codes" / "etats.csv").write_text(table, "utf-8")
    ((code, _line, key, one),) = problems(path)
    assert (code, key, one.details["row"]) == ("settings.codes.line", f"{FIELDS}.status", row)


@pytest.mark.parametrize("mark", [";", ",", "\t"])
def test_a_code_table_may_come_from_any_spreadsheet(described, mark):
    path = described()
    table = f"\ufeffmot{mark}code\r\nFait{mark}done\r\n{mark}missed\r\n"
    (path.parent / "codes" / "etats.csv").write_text(table, "utf-8", newline="")
    (word,) = read_supplier(path, path.parent).connectors[0].tables[0].fields["status"]
    assert word.table == {"Fait": "done", "": "missed"}


def settings(folder, pattern):
    path = folder / "passerelle.toml"
    path.write_text(f'[passerelle]\nplugins = []\nsuppliers = ["{pattern}"]\n', "utf-8")
    return load_settings(path)


def test_a_supplier_beside_the_settings_needs_no_installation(described, tmp_path):
    path = described()
    plugins = load_workspace_plugins(settings(tmp_path, "editeurs/*.toml"))
    supplier, connector, info = plugins.find_connector("acme-visits")
    assert (supplier.id, connector.title, info.name, info.path) == ("acme", "Passages", "acme", path)


@pytest.mark.parametrize("pattern", ["editors/*.toml", "/nowhere/*.toml"])
def test_a_pattern_that_finds_nothing_is_a_mistake_in_the_settings(described, tmp_path, pattern):
    described()
    with pytest.raises(SettingsError) as caught:
        load_workspace_plugins(settings(tmp_path, pattern))
    assert (caught.value.code, caught.value.details["pattern"]) == ("settings.supplier.absent", pattern)


def test_the_version_of_a_description_changes_with_its_tables(described):
    path = described()
    before = compute_version(path)
    assert compute_version(path) == before
    (path.parent / "codes" / "etats.csv").write_text("mot;code\nFait;done\n", "utf-8")
    assert compute_version(path) != before


def test_a_plugin_may_hold_nothing_but_a_description():
    supplier, connector, info = load_plugins(["generic-telegestion"]).find_connector("generic-telegestion-visits")
    assert (supplier.id, info.entry.attr) == ("generic-telegestion", "supplier.toml")
    assert isinstance(connector.dialect, Csv)


def test_an_absolute_path_names_a_description_wherever_it_stands(described, tmp_path):
    path = described()
    elsewhere = tmp_path / "settings"
    elsewhere.mkdir()
    for pattern in (path.as_posix(), (path.parent / "*.toml").as_posix()):
        plugins = load_workspace_plugins(settings(elsewhere, pattern))
        assert plugins.find_connector("acme-visits")[2].path == path


def test_two_descriptions_of_one_id_are_named_both(described, tmp_path):
    path = described()
    copy = path.with_name("copie.toml")
    copy.write_text(path.read_text("utf-8"), "utf-8")
    with pytest.raises(FatalError) as caught:
        load_workspace_plugins(settings(tmp_path, "editeurs/*.toml"))
    assert caught.value.code == "incident.plugin.invalid"
    assert {"editeurs/acme.toml", "editeurs/copie.toml"} <= set(re.findall(r"[\w/.]+", caught.value.details["defect"]))
