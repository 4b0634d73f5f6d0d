"""The connector keeps what every connector keeps."""

from pathlib import Path

from passerelle.testing.conformance import conforms

SAMPLES = Path(__file__).parents[1] / "samples"

TestVisits = conforms("evv-visits", SAMPLES / "nominal.json", SAMPLES / "oddities.json")
