"""Both connectors keep what every connector keeps, and give the same records."""

from pathlib import Path

from passerelle.testing.conformance import conforms
from passerelle.testing.samples import read_expected

SAMPLES = Path(__file__).parents[1] / "samples"
CSV, XLSX = SAMPLES / "csv", SAMPLES / "xlsx"

TestCsv = conforms("iodas-like-csv", CSV / "nominal.csv", CSV / "oddities.csv")
TestWorkbook = conforms("iodas-like-xlsx", XLSX / "nominal.xlsx", XLSX / "oddities.xlsx")
TestUsers = conforms("iodas-like-users", SAMPLES / "users" / "nominal.csv", SAMPLES / "users" / "oddities.csv")


def test_the_text_file_and_the_workbook_give_the_same_records():
    text, book = (
        [line["record"] for line in read_expected(sample)] for sample in (CSV / "nominal.csv", XLSX / "nominal.xlsx")
    )
    assert text == book
