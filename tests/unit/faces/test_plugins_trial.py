"""A proposal is tried on the file it was made from: terminal, page and grade say what came of it."""

from __future__ import annotations

import json

HEADER = "N° intervention;Code usager;Date;Heure début prévue;Heure fin prévue;Statut\n"
GOOD = "".join(f"{number};U1;{number + 3}/03/2025;22:00;01:00;Réalisée\n" for number in range(10, 22))


def make(program, folder, text):
    file = folder / "passages.csv"
    file.write_text(HEADER + text, encoding="utf-8")
    out = folder / "made"
    answer = program("plugins", "new", "essai", "--from", file, "--output", out, "--format", "json").out
    return json.loads(answer), (out / "README.md").read_text("utf-8"), (out / "tests/test_conformance.py").read_text()


def test_a_file_that_is_accepted_whole_earns_silver(program, tmp_path):
    made, page, test = make(program, tmp_path, GOOD)
    assert (made["file"]["accepted"], made["file"]["rows"]) == (12, 12)
    assert "<!-- tried: 12/12 -->" in page
    assert 'grade="silver"' in test


def test_a_row_that_is_set_aside_is_told_with_its_place_and_costs_the_grade(program, tmp_path):
    made, page, test = make(program, tmp_path, GOOD + "3;U3;31/02/2025;08:00;09:00;Réalisée\n")
    assert (made["file"]["accepted"], made["file"]["rows"]) == (12, 13)
    assert "translate.time.impossible" in made["file"]["causes"][0]
    assert "<!-- tried: 12/13 -->" in page
    assert 'grade="bronze"' in test
