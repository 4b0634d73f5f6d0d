"""Both connectors keep what every connector keeps, and give the same records."""

from pathlib import Path

from passerelle.testing.conformance import conforms
from passerelle.testing.samples import read_expected

SAMPLES = Path(__file__).parents[1] / "samples"
CSV, XLSX = SAMPLES / "csv", SAMPLES / "xlsx"

TestCsv = conforms("gaia-social-csv", CSV / "nominal.zip", CSV / "oddities.zip")
TestWorkbook = conforms("gaia-social-xlsx", XLSX / "nominal.xlsx", XLSX / "oddities.xlsx")


def test_the_zip_and_the_workbook_give_the_same_records():
    files, book = (
        [line["record"] for line in read_expected(sample)] for sample in (CSV / "nominal.zip", XLSX / "nominal.xlsx")
    )
    assert files == book
