"""The connectors keep what every connector keeps."""

from pathlib import Path

from passerelle.testing.conformance import conforms

SAMPLES = Path(__file__).parents[1] / "samples"


def _suite(export):
    return conforms(f"compani-{export}", SAMPLES / export / "nominal.csv", SAMPLES / export / "oddities.csv")


TestInterventions = _suite("interventions")
TestAbsences = _suite("absences")
TestInvoices = _suite("invoices")
TestFundings = _suite("fundings")
TestSubscriptions = _suite("subscriptions")
