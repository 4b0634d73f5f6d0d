"""The connector keeps what every connector keeps."""

from pathlib import Path

from passerelle.testing.conformance import conforms

SAMPLES = Path(__file__).parents[1] / "samples"

TestDelivery = conforms("esppadom-delivery", SAMPLES / "nominal.xml", SAMPLES / "oddities.xml")
