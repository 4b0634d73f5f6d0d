"""Read from its saved exchanges or written to, the API may be slow, busy, forgetful or broken."""

from pathlib import Path

from passerelle.testing.api_checks import ApiChecks
from passerelle.testing.completeness_checks import CompletenessChecks
from passerelle.testing.conformance import conforms
from passerelle.testing.connector_under_test import ConnectorUnderTest
from passerelle.testing.delivery_checks import DeliveryChecks

SAMPLES = Path(__file__).parents[1] / "samples"


def _suite(part: type[ConnectorUnderTest]) -> type:
    return conforms("grc-contacts", SAMPLES / "nominal.json", SAMPLES / "oddities.json", grade="gold", part=part)


TestContacts = _suite(ApiChecks)
TestContactsSent = _suite(DeliveryChecks)
TestContactsReadAgain = _suite(CompletenessChecks)
