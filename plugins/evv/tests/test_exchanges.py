"""Read from its saved exchanges, the API may be slow, busy, forgetful or broken, and every page still comes."""

from pathlib import Path

from passerelle.testing.api_checks import ApiChecks
from passerelle.testing.conformance import conforms

SAMPLES = Path(__file__).parents[1] / "samples"

TestVisits = conforms("evv-visits", SAMPLES / "nominal.json", SAMPLES / "oddities.json", grade="gold", part=ApiChecks)
