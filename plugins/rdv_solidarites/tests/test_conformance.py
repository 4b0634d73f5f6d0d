"""The connectors keep what every connector keeps."""

from pathlib import Path

from passerelle.testing.conformance import conforms
from passerelle_plugin_rdv_solidarites import RDVS_PUSHED, USERS_PUSHED

SAMPLES = Path(__file__).parents[1] / "samples"

TestRdvs = conforms("rdv-solidarites-rdvs", SAMPLES / "rdvs" / "nominal.json", SAMPLES / "rdvs" / "oddities.json")
TestUsers = conforms("rdv-solidarites-users", SAMPLES / "users" / "nominal.json", SAMPLES / "users" / "oddities.json")
TestOrganisations = conforms(
    "rdv-solidarites-organisations",
    SAMPLES / "organisations" / "nominal.json",
    SAMPLES / "organisations" / "oddities.json",
)
TestRdvsPushed = conforms(
    "rdv-solidarites-rdvs-pushed",
    SAMPLES / "rdvs-pushed" / "nominal.json",
    SAMPLES / "rdvs-pushed" / "oddities.json",
)
TestUsersPushed = conforms(
    "rdv-solidarites-users-pushed",
    SAMPLES / "users-pushed" / "nominal.json",
    SAMPLES / "users-pushed" / "oddities.json",
)


def test_what_stands_around_an_announcement_is_not_called_pages_of_an_answer():
    for connector in (RDVS_PUSHED, USERS_PUSHED):
        assert "pagination" not in connector.list_unread()["../meta"]
