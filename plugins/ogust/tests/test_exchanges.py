"""Read from its saved exchanges, the API may be slow, busy, forgetful or broken, and every page still comes."""

from pathlib import Path

from passerelle.testing.api_checks import ApiChecks
from passerelle.testing.conformance import conforms

SAMPLES = Path(__file__).parents[1] / "samples"


def _suite(name: str) -> type:
    samples = SAMPLES / name
    return conforms(f"ogust-{name}", samples / "nominal.json", samples / "oddities.json", grade="gold", part=ApiChecks)


TestServices = _suite("services")
TestCustomers = _suite("customers")
TestEmployees = _suite("employees")
