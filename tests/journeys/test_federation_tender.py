"""Three invented associations buy together from three invented bidders: the example, by the commands alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from passerelle.faces.cli.app import run
from passerelle.faces.cli.display_language import speak
from passerelle.tender import findings_sheet, price_sheet
from passerelle.vocabulary import language

EXAMPLE = Path(__file__).parents[2] / "examples" / "tender"
BIDDERS = {"mosaique": ("", "mosaique.toml"), "aster": ("", "aster.toml"), "boreal": ("visit.csv", "")}
MEMBERS = ["aube", "estuaire", "vallon"]
PRICED = {"mosaique": (16000, 20000), "aster": (8000, 20000), "boreal": (24000, 20000)}
"""What each bidder writes in the first line of the schedule: once, and for each of four years."""


def _command(*words: object) -> int:
    speak("fr")
    code = int(run([str(word) for word in words], language_asked=True))
    language.set_language("")
    return code


def _fill_schedule(path: Path, given: Path, once: int, yearly: int) -> Path:
    """Hand the grid of the tender back with its schedule filled in; no requirement is answered."""
    with Workbook(str(path)) as book:
        for name in ("Grille", "Prix"):
            sheet = book.add_worksheet(name)
            lines = CalamineWorkbook.from_path(str(given)).get_sheet_by_name(name).to_python(skip_empty_area=False)
            for number, cells in enumerate(lines):
                if name == "Prix" and str(cells[0]).startswith("B-"):
                    first = str(cells[0]) == "B-01"
                    cells[price_sheet.PLACES["once"]] = once if first else "compris"
                    cells[price_sheet.PLACES["yearly"]] = yearly if first else "compris"
                sheet.write_row(number, 0, cells)
    return path


def _score(folder: Path, tender: Path, name: str, output: str, *more: object) -> dict:
    sample, mapping = BIDDERS[name]
    described = ["--mapping", EXAMPLE / "bidders" / name / mapping] if mapping else []
    given = EXAMPLE / "bidders" / name / sample
    code = _command(
        "score", given, "--tender", tender, *described, "--bidder", name, "--output", folder / output, *more
    )
    assert code in (0, 1)
    return json.loads((folder / output / "score.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("federation")
    patch = pytest.MonkeyPatch()
    patch.chdir(folder)
    patch.setenv("PASSERELLE_LANG", "fr")
    shutil.copytree(EXAMPLE / "federation", folder / "achat")
    assert _command("tender", "build", folder / "achat") == 0
    for name in BIDDERS:
        _score(folder, folder / "achat", name, f"note-{name}")
    yield folder
    patch.undo()


def _compare(folder: Path, *scores: str) -> dict:
    words = ["score", "--compare", *(folder / one for one in scores)]
    assert _command(*words, "--output", folder / "comparaison") == 0
    return json.loads((folder / "comparaison" / "comparaison.json").read_text("utf-8"))


def test_one_comparison_holds_every_member_and_every_bidder_with_its_price(folder):
    given = folder / "achat" / "grille-de-reponse.xlsx"
    for name in BIDDERS:
        filled = _fill_schedule(folder / f"offre-{name}.xlsx", given, *PRICED[name])
        _score(folder, folder / "achat", name, f"offre-{name}", "--answers", filled)
    made = _compare(folder, *(f"offre-{name}" for name in BIDDERS))
    assert [one["name"] for one in made["members"]] == MEMBERS
    assert all(len(one["notes"]) == len(BIDDERS) for one in made["members"])
    prices = {one["name"]: one["price"]["amount"] for one in made["bidders"]}
    assert prices == {"mosaique": 96000, "aster": 88000, "boreal": 104000}
    by_member = {one["name"]: one["rules_digest"] for one in made["members"]}
    # L'Aube asks for nothing but the core: its bidders have the notes of the core.
    assert by_member["aube"] == made["tender"]["rules_digest"]
    assert len(set(by_member.values())) == len(MEMBERS)
    page = (folder / "comparaison" / "comparaison.html").read_text("utf-8")
    assert "Le Vallon" in page
    assert "104\u202f000" in page


def test_whose_intervals_overlap_is_not_told_apart(folder):
    made = _compare(folder, *(f"note-{name}" for name in BIDDERS))
    assert {one["name"]: len(one["undecided"]) for one in made["bidders"]} == dict.fromkeys(BIDDERS, 2)
    assert "Pas encore départagé de" in (folder / "comparaison" / "comparaison.html").read_text("utf-8")


def _note_all(path: Path, score: dict, note: int) -> None:
    """Write the sheet of findings as a buyer fills it in: a note for everything that the sample does not show."""
    book = Workbook(str(path))
    book.add_worksheet("Grille").write_string(0, 0, "-")
    sheet = book.add_worksheet("Constats")
    sheet.write_string(findings_sheet.HEAD_ROW, 0, "N°")
    open_results = [
        one for one in score["results"] if one["measure"] in ("answer", "return") or one["verdict"] == "unseen"
    ]
    for line, one in enumerate(open_results, start=findings_sheet.HEAD_ROW + 1):
        cells = {
            "number": one["id"],
            "note": str(note),
            "kind": "démonstration",
            "evidence": "séance du 24 novembre",
            "who": "Claire D. (inventée)",
            "day": "2026-11-24",
        }
        for name, cell in cells.items():
            sheet.write_string(line, findings_sheet.PLACES[name], cell)
    book.close()


def test_once_the_buyer_noted_what_was_seen_each_interval_closes_and_bidders_are_told_apart(folder):
    for note, name in zip((4, 2, 1), BIDDERS, strict=True):
        before = json.loads((folder / f"note-{name}" / "score.json").read_text("utf-8"))
        assert before["note"]["floor"] < before["note"]["ceiling"]
        _note_all(folder / f"{name}.xlsx", before, note)
        after = _score(folder, folder / "achat", name, f"fin-{name}", "--findings", folder / f"{name}.xlsx")
        assert after["note"]["floor"] == after["note"]["ceiling"]
    made = _compare(folder, *(f"fin-{name}" for name in BIDDERS))
    assert [one["undecided"] for one in made["bidders"]] == [[], [], []]
    assert [one["name"] for one in made["bidders"]] == ["mosaique", "aster", "boreal"]


def test_bidders_who_were_not_scored_for_the_same_members_are_not_compared(folder):
    shutil.copytree(folder / "note-aster", folder / "sans-vallon")
    shutil.rmtree(folder / "sans-vallon" / "membres" / "vallon")
    assert _command("score", "--compare", folder / "note-mosaique", folder / "sans-vallon") == 64


def test_what_the_buyer_reckons_is_shown_with_what_closing_the_gaps_costs(folder):
    listed = "[[offre]]\ncandidat = 'aster'\nmontant = 90000\necarts = 21000\nsource = 'calcul du 20 novembre'\n"
    (folder / "acheteur.toml").write_text(listed, "utf-8")
    scores = [folder / f"note-{name}" for name in BIDDERS]
    words = ["score", "--compare", *scores, "--prices", folder / "acheteur.toml", "--output", folder / "calcul"]
    assert _command(*words) == 0
    assert "111\u202f000" in (folder / "calcul" / "comparaison.html").read_text("utf-8")


def test_prices_that_are_none_are_refused(folder):
    (folder / "prix.toml").write_text("[[offre]]\ncandidat = 'aster'\nmontant = 'cher'\n", "utf-8")
    scores = [folder / f"note-{name}" for name in BIDDERS]
    assert _command("score", "--compare", *scores, "--prices", folder / "prix.toml") == 64
