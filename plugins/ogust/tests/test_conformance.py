"""The connectors keep what every connector keeps."""

from pathlib import Path

from passerelle.testing.conformance import conforms

SAMPLES = Path(__file__).parents[1] / "samples"

TestServices = conforms("ogust-services", SAMPLES / "services" / "nominal.json", SAMPLES / "services" / "oddities.json")
TestCustomers = conforms(
    "ogust-customers", SAMPLES / "customers" / "nominal.json", SAMPLES / "customers" / "oddities.json"
)
TestEmployees = conforms(
    "ogust-employees", SAMPLES / "employees" / "nominal.json", SAMPLES / "employees" / "oddities.json"
)
