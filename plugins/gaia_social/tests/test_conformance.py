"""Both connectors keep what every connector keeps, and give the same records."""

from pathlib import Path

from passerelle.testing.conformance import conforms

SAMPLES = Path(__file__).parents[1] / "samples"

TestCsv = conforms("gaia-social-csv", SAMPLES / "csv" / "nominal.zip", SAMPLES / "csv" / "oddities.zip")
TestWorkbook = conforms("gaia-social-xlsx", SAMPLES / "xlsx" / "nominal.xlsx", SAMPLES / "xlsx" / "oddities.xlsx")
