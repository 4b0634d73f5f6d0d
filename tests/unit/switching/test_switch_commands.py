"""`passerelle switch plan` and `compare`, as people use them."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from new_software import NewSoftware
from python_calamine import CalamineWorkbook
from switching_sides import person, visit

from passerelle.faces.cli.app import run

ROOT = Path(__file__).parents[3]
EXPORT = ROOT / "examples" / "demo" / "entrants" / "visites" / "interventions-2024-11.csv"
SWITCH = """
[side.ancien]
exports = [{ contract = "person/1", path = "old-person*" }, { contract = "visit/1", path = "old-visit*" }]
[side.nouveau]
exports = [{ contract = "person/1", path = "new-person*" }, { contract = "visit/1", path = "new-visit*" }]
[switch.bascule]
from = "ancien"
to = "nouveau"
tolerances = [{ contract = "visit/1", field = "comment", trimmed = true }]
"""


@pytest.fixture(autouse=True)
def _in_english(monkeypatch):
    monkeypatch.setenv("PASSERELLE_LANG", "en")


def _write(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Give a folder with both sides, the same on either."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "passerelle.toml").write_text("[passerelle]\n")
    (tmp_path / "switch.toml").write_text(SWITCH, encoding="utf-8")
    for side in ("old", "new"):
        _write(tmp_path / f"{side}-person.ndjson", [person(1, first_names="Odile"), person(2, first_names="Rosa")])
        _write(tmp_path / f"{side}-visit.ndjson", [visit(1), visit(2)])
    return tmp_path


def _told(capsys) -> dict[str, object]:
    return json.loads(capsys.readouterr().out)


def test_two_sides_that_say_the_same_end_with_zero(folder, capsys):
    assert run(["switch", "compare", "bascule"]) == 0
    told = capsys.readouterr().out
    assert "Nothing differs but what was expected." in told
    assert "received 4 = delivered 4" in told


def test_a_difference_ends_with_one_and_is_told_without_its_value(folder, capsys):
    _write(
        folder / "new-visit.ndjson",
        [visit(1, comment="CANARI"), visit(2, comment=" Passage 2 : repas préparé, moral bon.")],
    )
    assert run(["switch", "compare", "bascule", "--format", "json", "--findings", "all.ndjson"]) == 1
    told = _told(capsys)
    assert told["schema"] == "passerelle.switch.compare/1"
    assert [(one["kind"], one["fields"], one["count"]) for one in told["findings"]] == [
        ("changed_text", ["comment"], 1)
    ]
    assert told["findings"][0]["places"][0]["target"] == ["2:1"]
    listed = (folder / "all.ndjson").read_text("utf-8")
    assert listed.count("\n") == 1
    assert "CANARI" not in listed + json.dumps(told)
    assert "a:visit:1" not in listed


def test_a_page_stands_alone_and_escapes(folder, capsys):
    (folder / "switch.toml").write_text(
        SWITCH.replace("nouveau", '"n<b>"').replace('""n<b>""', '"n<b>"'), encoding="utf-8"
    )
    assert run(["switch", "compare", "bascule", "--format", "html", "--output", "page.html"]) == 0
    page = (folder / "page.html").read_text("utf-8")
    assert "n&lt;b&gt;" in page
    assert "<b>" not in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_values_are_shown_with_a_reason_only_and_it_is_recorded(folder, capsys):
    _write(folder / "new-person.ndjson", [person(1, first_names="CANARI"), person(2, first_names="Rosa")])
    assert run(["switch", "compare", "bascule", "--reveal", "values.ndjson"]) == 64
    assert not (folder / "values.ndjson").exists()
    assert run(["switch", "compare", "bascule", "--reveal", "values.ndjson", "--why", "contrôle de la reprise"]) == 1
    assert "CANARI" in (folder / "values.ndjson").read_text("utf-8")
    assert "CANARI" not in capsys.readouterr().out


def test_persons_to_confirm_are_confirmed_in_a_workbook(folder, capsys):
    (folder / "switch.toml").write_text(SWITCH + 'persons = "who.xlsx"\n', encoding="utf-8")
    who = {"first_names": "Odile", "birth_date": "1950-02-03"}
    _write(folder / "old-person.ndjson", [person(1, **who)])
    _write(folder / "new-person.ndjson", [person(7, usual_name="NOM1", **who)])
    for side, ref in (("old", "a:person:1"), ("new", "a:person:7")):
        _write(folder / f"{side}-visit.ndjson", [visit(1, person_ref=ref)])
    (folder / "switch.toml").write_text(SWITCH, encoding="utf-8")
    assert run(["switch", "compare", "bascule", "--persons", "who.xlsx", "--why", "qui est qui"]) == 1
    rows = CalamineWorkbook.from_path(folder / "who.xlsx").get_sheet_by_index(0).to_python()
    assert rows[1][0] == "a:person:1 | a:person:7"
    _answer(folder / "who.xlsx", rows)
    (folder / "switch.toml").write_text(SWITCH + 'persons = "who.xlsx"\n', encoding="utf-8")
    capsys.readouterr()
    assert run(["switch", "compare", "bascule", "--format", "json"]) == 1
    assert [(one["kind"], one["fields"]) for one in _told(capsys)["findings"]] == [("changed_text", ["usual_name"])]


def _answer(path: Path, rows: list[list[object]]) -> None:
    import xlsxwriter  # noqa: PLC0415  only this test answers

    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, rows[0])
        sheet.write_row(1, 0, [*rows[1][: len(rows[0]) - 1], "oui"])


def test_snapshots_are_kept_where_asked(folder):
    assert run(["switch", "compare", "bascule", "--snapshots", "kept", "--why", "garder la preuve"]) == 0
    assert json.loads((folder / "kept" / "target" / "manifest.json").read_text())["side"] == "nouveau"


MOVED = """
[side.ancien]
exports = [{{ connector = "compani-interventions", path = "export*.csv" }}]
[side.nouveau]
exports = [{{ contract = "visit/1", path = "back-visit*" }}]
[switch.bascule]
from = "ancien"
to = "nouveau"
[[switch.bascule.deliver]]
destination = {{ kind = "api", base_url = "{url}", path = "{{family}}s", per_second = 10000 }}
"""


def _hold(folder: Path, software: NewSoftware) -> None:
    """Write what the new software gives back: its own ids, and everything it was sent."""
    back: dict[str, list[dict[str, object]]] = {}
    for (path, number), body in software.held.items():
        family = path.strip("/").removesuffix("s")
        back.setdefault(family, []).append({**body, "ref": f"nouveau:{family}:{quote(number)}"})
    for family, rows in back.items():
        _write(folder / f"back-{family}.ndjson", rows)


def test_ids_that_moving_learned_are_read_back(folder, capsys):
    """The new software numbers what it takes; after `switch run` its numbers lead back to the old references."""
    lines = EXPORT.read_text("utf-8-sig").splitlines(keepends=True)
    (folder / "export.csv").write_text("".join(lines[:10]), encoding="utf-8-sig")
    with NewSoftware() as software:
        (folder / "switch.toml").write_text(MOVED.format(url=software.url), encoding="utf-8")
        assert run(["switch", "run", "bascule"]) == 0, capsys.readouterr()
        _hold(folder, software)
    capsys.readouterr()
    assert run(["switch", "compare", "bascule", "--format", "json"]) == 0, capsys.readouterr()
    (visits,) = _told(capsys)["contracts"]
    assert visits["matched"] == {"reference": visits["origin"]}
    assert visits["origin"] == visits["target"] >= 8


def test_a_side_without_files_cannot_be_compared(folder, capsys):
    assert run(["switch", "compare", "--from", "ancien", "--to", "compani"]) == 64
    assert "holds no file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["plan"], "does not say which two sides"),
        (["plan", "reprise"], "no change of supplier «reprise»"),
        (["plan", "--from", "ancien", "--to", "personne"], "no side «personne»"),
        (["plan", "--from", "compani", "--to", "ancien", "--sample", "export.csv"], "Write CONNECTOR=FILE"),
        (["plan", "bascule", "--decisions", "switch.toml"], "not a worksheet of decisions"),
    ],
)
def test_what_cannot_be_understood_is_told(folder, capsys, arguments, said):
    assert run(["switch", *arguments]) == 64
    assert said in " ".join(capsys.readouterr().err.split())


def test_a_plan_needs_no_settings_nor_any_file(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["switch", "plan", "--from", "compani", "--to", "generic-telegestion", "--format", "json"]) == 0
    told = _told(capsys)
    assert (told["schema"], told["sampled"], told["losses"]) == ("passerelle.switch.plan/1", False, [])
    assert list(tmp_path.iterdir()) == []


def test_what_no_export_has_weighed_is_not_written_as_nought(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["switch", "plan", "--from", "compani", "--to", "generic-telegestion"]) == 0
    visits = [line.split() for line in capsys.readouterr().out.splitlines() if "(visit/1)" in line and "–" in line]
    assert visits[0][-5:] == ["–", "18", "0", "4", "–"]
    assert len(visits) > 1
    assert {line[-1] for line in visits} == {"–"}


def test_a_sample_that_is_not_there_is_told_by_its_name(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    given = ["--sample", "compani-interventions=none.csv"]
    assert run(["switch", "plan", "--from", "compani", "--to", "generic-telegestion", *given]) == 64
    assert "«none.csv»" in capsys.readouterr().err


def test_a_change_that_is_described_nowhere_says_which_file_to_write(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["switch", "plan", "bascule"]) == 64
    told = capsys.readouterr().err
    assert "switch.toml" in told
    assert "passerelle init" not in told


def test_a_row_that_came_again_is_counted_where_both_sides_are(folder, capsys):
    _write(folder / "old-visit.ndjson", [visit(1), visit(2), visit(2)])
    assert run(["switch", "compare", "bascule"]) == 0
    told = next(line for line in capsys.readouterr().out.splitlines() if "(visit/1)" in line)
    assert told.split()[-7:-3] == ["3", "1", "2", "2"]


def test_a_sample_weighs_the_plan(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    given = ["--sample", f"compani-interventions={EXPORT}"]
    assert run(["switch", "plan", "--from", "compani", "--to", "generic-telegestion", *given, "--format", "json"]) == 0
    losses = {(one["contract"], one["field"]): one["records"] for one in _told(capsys)["losses"]}
    assert losses["visit/1", "travel_mode"] == 42
    assert losses["planned_visit/1", ""] == 8


def test_the_worksheet_of_a_plan_is_taken_back(folder, capsys):
    assert run(["switch", "plan", "--from", "ancien", "--to", "carnet-de-bord", "--worksheet", "decisions.xlsx"]) == 0
    assert "×" not in capsys.readouterr().out
    assert (
        run(["switch", "plan", "bascule", "--decisions", "decisions.xlsx", "--format", "html", "--output", "p.html"])
        == 0
    )
    assert "<h1>" in (folder / "p.html").read_text("utf-8")


def test_the_first_plan_writes_the_worksheet_that_the_settings_name_and_only_a_plan_does_without_it(folder, capsys):
    (folder / "switch.toml").write_text(SWITCH + 'decisions = "decisions.xlsx"\n', encoding="utf-8")
    assert run(["switch", "compare", "bascule"]) != 0
    assert run(["switch", "plan", "bascule", "--worksheet", "decisions.xlsx"]) == 0
    assert run(["switch", "plan", "bascule"]) == 0
    (folder / "decisions.xlsx").write_bytes(b"no worksheet")
    assert run(["switch", "plan", "bascule"]) != 0
    capsys.readouterr()


def test_help_shows_examples(capsys):
    for arguments in (["switch"], ["switch", "plan"], ["switch", "compare"]):
        assert run([*arguments, "--help"]) == 0
        assert "Examples:" in capsys.readouterr().out
