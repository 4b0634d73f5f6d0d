"""The connector keeps what every connector keeps."""

from pathlib import Path

from passerelle.testing.conformance import conforms

SAMPLES = Path(__file__).parents[1] / "samples"

TestInterventions = conforms("compani-interventions", SAMPLES / "nominal.csv", SAMPLES / "oddities.csv")
