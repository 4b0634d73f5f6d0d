"""The connectors keep what every connector keeps."""

from pathlib import Path

from passerelle.testing.conformance import conforms

SAMPLES = Path(__file__).parents[1] / "samples"

TestClients = conforms("urssaf-clients", SAMPLES / "clients" / "nominal.json", SAMPLES / "clients" / "oddities.json")
TestRequests = conforms(
    "urssaf-payment-requests",
    SAMPLES / "requests" / "nominal.json",
    SAMPLES / "requests" / "oddities.json",
)
TestStates = conforms(
    "urssaf-payment-states",
    SAMPLES / "states" / "nominal.json",
    SAMPLES / "states" / "oddities.json",
)
