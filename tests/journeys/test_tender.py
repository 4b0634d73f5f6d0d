"""One tender, three invented bidders and a real export: built, scored, traced and compared by the commands alone."""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile
from pathlib import Path

import pytest

from passerelle.faces.cli.app import run
from passerelle.faces.cli.display_language import speak
from passerelle.tender import consultation, order_file
from passerelle.tender.freezing import freeze
from passerelle.vocabulary import language

BIDDERS = Path(__file__).parents[2] / "examples" / "tender" / "bidders"
HANDED_IN = {
    "mosaique": ("interventions.csv", "mosaique.toml"),
    "aster": ("", "aster.toml"),
    "boreal": ("visit.csv", ""),
}
"""What each hands in, and its description; Boréal filled in the template of the kit."""
CANARY = "CANARI"


def _command(*words: object) -> int:
    speak("fr")
    code = int(run([str(word) for word in words], language_asked=True))
    language.set_language("")
    return code


def _score(folder: Path, tender: Path, name: str, *more: object, samples: Path | None = None) -> Path:
    sample, mapping = HANDED_IN[name]
    described = ["--mapping", BIDDERS / name / mapping] if mapping else []
    output = folder / f"score-{name}"
    given = samples or BIDDERS / name / sample
    assert _command("score", given, "--tender", tender, *described, "--bidder", name, "--output", output, *more) == 1
    return output


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Give a folder with a home-care tender, as the tool proposes and builds it, and the scores of three bidders."""
    patch = pytest.MonkeyPatch()
    folder = tmp_path_factory.mktemp("tender")
    patch.chdir(folder)
    patch.setenv("PASSERELLE_LANG", "fr")
    patch.setenv("LANGUAGE", "fr")
    tender = folder / "consultation"
    assert _command("tender", "new", tender, "--trade", "saad", "--yes") == 0
    assert _command("tender", "build", tender) == 0
    for name in HANDED_IN:
        _score(folder, tender, name)
    yield folder
    patch.undo()


def _read(folder: Path, name: str) -> dict:
    return json.loads((folder / f"score-{name}" / "score.json").read_text("utf-8"))


def test_each_bidder_gets_a_verdict_for_every_requirement(folder):
    asked = json.loads((folder / "consultation" / "exigences.json").read_text("utf-8"))["requirements"]
    for name in HANDED_IN:
        score = _read(folder, name)
        assert [one["id"] for one in score["results"]] == [one["id"] for one in asked]
        assert score["note"]["floor"] < score["note"]["ceiling"]
        assert {one["verdict"] for one in score["results"]} >= {"met", "failed", "unseen"}


def test_faults_of_the_samples_are_found(folder):
    found = {
        name: {cause["code"] for result in _read(folder, name)["results"] for cause in result["causes"]}
        for name in HANDED_IN
    }
    assert found["mosaique"] >= {"translate.word.unknown", "tender.key.repeated", "tender.column.outside"}
    assert found["aster"] >= {"tender.field.empty", "tender.field.unwanted", "validate.reference.unresolved"}
    assert "validate.word.unknown" in found["boreal"]


@pytest.mark.parametrize("name", HANDED_IN)
def test_every_verdict_can_be_traced_to_rows_by_its_number(folder, name):
    text = (folder / f"score-{name}" / "places.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    told = {(one["requirement"], one["file"], one["line"]) for one in rows}
    for result in _read(folder, name)["results"]:
        mine = [one for one in rows if one["requirement"] == result["id"]]
        assert len(mine) == sum(cause["count"] for cause in result["causes"]), result["id"]
        for cause in result["causes"]:
            assert {(result["id"], spot["file"], str(spot["line"])) for spot in cause["places"]} <= told


def _is_whole(result: dict) -> bool:
    """Say whether a result is about whole rows of visits."""
    return (result["measure"], result["contract"], result["field"]) == ("form", "visit/1", "")


def test_a_trace_names_the_rows_of_one_requirement(folder, capsys):
    sample, mapping = (BIDDERS / "mosaique" / one for one in HANDED_IN["mosaique"])
    unread = next(one for one in _read(folder, "mosaique")["results"] if _is_whole(one))
    options = ("--tender", folder / "consultation", "--mapping", mapping, "--trace", unread["id"])
    capsys.readouterr()
    _command("score", sample, *options)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) - 1 == unread["checked"] - unread["held"] == 13
    assert _command("score", sample, "--tender", folder / "consultation", "--mapping", mapping, "--trace", "X-1") == 64


def test_the_three_are_compared_in_the_order_of_what_they_proved(folder):
    output = folder / "comparaison"
    assert _command("score", "--compare", *(folder / f"score-{name}" for name in HANDED_IN), "--output", output) == 0
    made = json.loads((output / "comparaison.json").read_text("utf-8"))
    floors = [one["note"]["floor"] for one in made["bidders"]]
    assert floors == sorted(floors, reverse=True)
    assert {one["name"] for one in made["bidders"]} == set(HANDED_IN)
    assert {path.name for path in output.iterdir()} == {
        *("comparaison.json", "comparaison.html", "comparaison.xlsx", "comparaison.docx"),
    }


def test_scores_against_other_rules_are_not_compared(folder, tmp_path, capsys):
    tender = tmp_path / "consultation"
    shutil.copytree(folder / "consultation", tender)
    decided = (tender / "tender.toml").read_text("utf-8")
    assert "P = 5" in decided
    (tender / "tender.toml").write_text(decided.replace("P = 5", "P = 9", 1), encoding="utf-8")
    frozen, _ledger = freeze(order_file.load(tender), {}, language="fr")
    (tender / "exigences.json").write_bytes(consultation.write(frozen))
    other = _score(tmp_path, tender, "boreal")
    assert _command("score", "--compare", other, folder / "score-boreal") == 64
    assert "diff" in capsys.readouterr().err


def test_the_same_files_give_the_same_bytes(folder, tmp_path):
    again = _score(tmp_path, folder / "consultation", "mosaique")
    first = folder / "score-mosaique"
    assert {path.name: path.read_bytes() for path in again.iterdir()} == {
        path.name: path.read_bytes() for path in first.iterdir()
    }


def test_a_bidder_who_has_only_the_kit_gets_the_score_of_the_buyer(folder, tmp_path):
    with zipfile.ZipFile(folder / "consultation" / "kit-candidat.zip") as archive:
        archive.extractall(tmp_path / "kit")
    mine = _score(tmp_path, tmp_path / "kit", "boreal")
    assert (mine / "score.json").read_bytes() == (folder / "score-boreal" / "score.json").read_bytes()


def _marked(folder: Path) -> Path:
    """Write Mosaïque's export with a mark in every cell that a person could be known by, and in one coded column."""
    text = (BIDDERS / "mosaique" / "interventions.csv").read_bytes().decode("cp1252")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))[:60]
    marked = ("Code passage", "Code usager", "Nom usager", "Téléphone usager", "Code salarié", "N° plan", "Suivi GPS")
    for number, row in enumerate(rows):
        row |= {name: f"{CANARY}{number}{place}" for place, name in enumerate(marked)}
        row |= {"Nature": f"{CANARY}N{number}", "Mode de pointage": f"{CANARY}M{number}"}
        if number % 7 == 0:
            row |= {"Etat": f"{CANARY}E", "Jour": f"{CANARY}J"}
        if number % 11 == 0:
            row |= {"Durée facturée": f"{CANARY}D", "Pointage arrivée": f"{CANARY}A", "Code passage": f"{CANARY}twice"}
    path = folder / "interventions.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    return path


def _texts(path: Path) -> str:
    content = path.read_bytes()
    if not content.startswith(b"PK"):
        return content.decode("utf-8")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


@pytest.mark.parametrize("more", [(), ("--shapes",)], ids=["usual", "shapes"])
def test_no_value_of_a_sample_is_in_any_output(folder, tmp_path, more, capsys):
    output = _score(tmp_path, folder / "consultation", "mosaique", *more, samples=_marked(tmp_path))
    told = capsys.readouterr()
    shown = {path.name: _texts(path) for path in output.iterdir()} | {"screen": told.out + told.err}
    assert len(shown) == 9
    assert [name for name, text in shown.items() if CANARY in text] == []
    assert "translate.word.unknown" in shown["score.json"]


def test_a_real_export_is_scored_too(folder, tmp_path, shared):
    sample = shared / "samples" / "compani" / "interventions.csv"
    output = tmp_path / "score"
    options = ("--tender", folder / "consultation", "--connector", "compani-interventions", "--output", output)
    assert _command("score", sample, *options) == 1
    score = json.loads((output / "score.json").read_text("utf-8"))
    assert score["samples"][0]["connector"] == "compani-interventions"
    assert _command("score", "--compare", output, folder / "score-aster") == 0
    rows = list(csv.DictReader(io.StringIO(sample.read_text("utf-8-sig")), delimiter=";"))
    personal = [name for name in rows[0] if name.startswith("Id ") or name.endswith(("Nom", "Prénom"))]
    values = {row[name] for row in rows for name in personal if row[name]}
    told = "\n".join(_texts(path) for path in output.iterdir())
    assert len(values) > 5
    assert [value for value in values if value in told] == []


def test_coverage_says_what_a_supplier_lacks_for_the_tender(folder, capsys):
    capsys.readouterr()
    assert _command("coverage", "compani", "--for", folder / "consultation", "--format", "json") == 0
    found = json.loads(capsys.readouterr().out)
    visits = next(one for one in found["contracts"] if one["contract"] == "visit/1")
    fields = {one["name"]: one for one in visits["fields"]}
    assert (fields["planned_start"]["filled"], fields["planned_start"]["returned"]) == (True, True)
    assert not fields["adjustment"]["filled"]
    assert fields["adjustment"]["requirements"]
    assert fields["stamped_place"]["requirements"] == []


def test_the_readme_of_the_kit_alone_leads_to_what_it_expects(folder, tmp_path, monkeypatch, capsys):
    with zipfile.ZipFile(folder / "consultation" / "kit-candidat.zip") as archive:
        archive.extractall(tmp_path)
    monkeypatch.chdir(tmp_path)
    (readme,) = tmp_path.glob("*.md")
    shown = [line[2:] for line in readme.read_text("utf-8").splitlines() if line.startswith("$ passerelle score")]
    (expected,) = tmp_path.rglob("*attendu*.txt")
    capsys.readouterr()
    assert _command(*shown[0].split()[1:]) == 1, "the example is too short, as it says itself"
    assert capsys.readouterr().out == expected.read_text("utf-8")
