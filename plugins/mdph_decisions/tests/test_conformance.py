"""The connectors keep what every connector keeps."""

from pathlib import Path

from passerelle.testing.conformance import conforms

SAMPLES = Path(__file__).parents[1] / "samples"


def _suite(name: str, ending: str) -> type:
    return conforms(f"mdph-{name}", SAMPLES / name / f"nominal.{ending}", SAMPLES / name / f"oddities.{ending}")


TestDecisions = _suite("cda", "xml")
TestBundles = _suite("fhir", "json")
