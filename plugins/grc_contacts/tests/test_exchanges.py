"""Read from its saved exchanges or written to, the API may be slow, busy, forgetful or broken."""

from pathlib import Path

from passerelle.testing.asking import Asking
from passerelle.testing.completing import Completing
from passerelle.testing.conformance import conforms
from passerelle.testing.delivering import Delivering
from passerelle.testing.subject import Subject

SAMPLES = Path(__file__).parents[1] / "samples"


def _suite(part: type[Subject]) -> type:
    return conforms("grc-contacts", SAMPLES / "nominal.json", SAMPLES / "oddities.json", grade="gold", part=part)


TestContacts = _suite(Asking)
TestContactsSent = _suite(Delivering)
TestContactsReadAgain = _suite(Completing)
