"""The connectors keep what every connector keeps, and write what they read."""

from pathlib import Path

from passerelle.testing.conformance import conforms

SAMPLES = Path(__file__).parents[1] / "samples"


def _suite(name: str) -> type:
    return conforms(f"esppadom-{name}", SAMPLES / name / "nominal.xml", SAMPLES / name / "oddities.xml", grade="gold")


TestDelivery = _suite("delivery")
TestOrder = _suite("order")
TestInvoice = _suite("invoice")
