"""The connectors keep what every connector keeps, in the form of each state."""

from pathlib import Path

from passerelle.testing.conformance import conforms

SAMPLES = Path(__file__).parents[1] / "samples"


def _suite(form: str) -> type:
    folder = SAMPLES / form
    return conforms(f"evv-{form}", folder / "nominal.json", folder / "oddities.json")


TestVisits = _suite("visits")
TestOhio = _suite("visits-ohio")
