"""The connector keeps what every connector keeps."""

from pathlib import Path

from passerelle.testing.conformance import conforms

SAMPLES = Path(__file__).parents[1] / "samples"

TestFlow = conforms("cnaf-rsa-flux", SAMPLES / "nominal.xml", SAMPLES / "oddities.xml", grade="gold")
