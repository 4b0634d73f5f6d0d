"""All connectors keep what every connector keeps, and text files and workbooks give the same records."""

from pathlib import Path

import pytest

from passerelle.testing.conformance import conforms
from passerelle.testing.samples import read_expected

SAMPLES = Path(__file__).parents[1] / "samples"
FILES = ("beneficiaries", "professionals", "structures", "orientation")


def _suite(file, kind):
    folder = SAMPLES / f"{file}-{kind}"
    return conforms(f"carnet-de-bord-{file}-{kind}", folder / f"nominal.{kind}", folder / f"oddities.{kind}")


TestBeneficiariesCsv, TestBeneficiariesWorkbook = _suite("beneficiaries", "csv"), _suite("beneficiaries", "xlsx")
TestProfessionalsCsv, TestProfessionalsWorkbook = _suite("professionals", "csv"), _suite("professionals", "xlsx")
TestStructuresCsv, TestStructuresWorkbook = _suite("structures", "csv"), _suite("structures", "xlsx")
TestOrientationCsv, TestOrientationWorkbook = _suite("orientation", "csv"), _suite("orientation", "xlsx")


@pytest.mark.parametrize("file", FILES)
def test_the_text_file_and_the_workbook_give_the_same_records(file):
    samples = (SAMPLES / f"{file}-{kind}" / f"nominal.{kind}" for kind in ("csv", "xlsx"))
    text, book = ([line.get("record") for line in read_expected(sample)] for sample in samples)
    assert text == book
