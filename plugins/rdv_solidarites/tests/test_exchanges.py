"""Read from its saved exchanges or written to, the API may be slow, busy, forgetful or broken."""

from pathlib import Path

from passerelle.testing.api_checks import ApiChecks
from passerelle.testing.completeness_checks import CompletenessChecks
from passerelle.testing.conformance import conforms
from passerelle.testing.connector_under_test import ConnectorUnderTest
from passerelle.testing.delivery_checks import DeliveryChecks

SAMPLES = Path(__file__).parents[1] / "samples"


def _suite(name: str, part: type[ConnectorUnderTest] = ApiChecks) -> type:
    samples = SAMPLES / name
    return conforms(
        f"rdv-solidarites-{name}", samples / "nominal.json", samples / "oddities.json", grade="gold", part=part
    )


TestRdvs = _suite("rdvs")
TestUsers = _suite("users")
TestOrganisations = _suite("organisations")
TestUsersSent = _suite("users", DeliveryChecks)
TestUsersReadAgain = _suite("users", CompletenessChecks)
