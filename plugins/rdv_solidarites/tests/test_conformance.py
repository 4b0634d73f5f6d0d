"""The connectors keep what every connector keeps."""

from pathlib import Path

from passerelle.testing.conformance import conforms

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
