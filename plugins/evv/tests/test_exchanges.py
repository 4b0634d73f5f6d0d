"""Read from its saved exchanges, the API may be slow, busy, forgetful or broken, and every page still comes."""

from pathlib import Path

from passerelle.testing.api_checks import ApiChecks
from passerelle.testing.conformance import conforms

SAMPLES = Path(__file__).parents[1] / "samples"


def _suite(form: str) -> type:
    folder = SAMPLES / form
    return conforms(f"evv-{form}", folder / "nominal.json", folder / "oddities.json", grade="gold", part=ApiChecks)


TestVisits = _suite("visits")
TestOhio = _suite("visits-ohio")
