"""Read from its saved exchanges or written to, the API may be slow, busy, forgetful or broken."""

from pathlib import Path

from passerelle.testing.asking import Asking
from passerelle.testing.completing import Completing
from passerelle.testing.conformance import conforms
from passerelle.testing.delivering import Delivering
from passerelle.testing.subject import Subject

SAMPLES = Path(__file__).parents[1] / "samples"


def _suite(name: str, part: type[Subject] = Asking) -> type:
    samples = SAMPLES / name
    return conforms(
        f"rdv-solidarites-{name}", samples / "nominal.json", samples / "oddities.json", grade="gold", part=part
    )


TestRdvs = _suite("rdvs")
TestUsers = _suite("users")
TestOrganisations = _suite("organisations")
TestUsersSent = _suite("users", Delivering)
TestUsersReadAgain = _suite("users", Completing)
