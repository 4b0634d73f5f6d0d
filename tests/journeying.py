"""What journeys are made of: the stand-in as a process, a folder with settings, the command as people type it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from passerelle.vocabulary.outcomes import Fate

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[1]
TAKES_ALL = "PASSERELLE_LONG" in os.environ
"""Whether `make test-long` runs: kills at every place, and sizes that take minutes."""
KEY = "ySKbIbTQiQjLEkBZCLZIzTQYEwnUYTtZ0IhLmJpVA2M="
"""A key that tests share, so that the keys of two runs can be compared. It protects nothing."""
HEADER = (
    '"Type";"Heure interne";"Service";"Début planifié";"Début horodaté";"Type d\'horodatage";"Motif";"Fin planifiée";'
    '"Fin horodatée";"Type d\'horodatage";"Motif";"Durée";"Répétition";"Déplacement véhiculé avec bénéficiaire";'
    '"Mode de transport spécifique";"Équipe";"Id Auxiliaire";"Auxiliaire - Titre";"Auxiliaire - Prénom";'
    '"Auxiliaire - Nom";"A affecter";"Id Bénéficiaire";"Bénéficiaire - Titre";"Bénéficiaire - Nom";'
    '"Bénéficiaire - Prénom";"Divers";"Facturé";"Annulé";"Statut de l\'annulation";"Raison de l\'annulation"'
)


def take_some(places: Sequence[Any], first: int = 0, step: int = 6) -> Sequence[Any]:
    """Return every sixth place where a process is killed, from `first` on; all of them in the long form."""
    return places if TAKES_ALL else places[first::step]


def count_examples(number: int) -> int:
    """Return how many examples of a law are tried: a third of them, all in the long form."""
    return number if TAKES_ALL else max(1, number // 3)


@dataclass
class StandIn:
    """The receiving system and the supplier's API, running."""

    url: str
    process: subprocess.Popen[str]

    @classmethod
    def start(cls, folder: Path, **options: object) -> StandIn:
        words = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        process = subprocess.Popen(
            [sys.executable, "-m", "examples.stand_in", "--port=0", f"--state={folder / 'effects.sqlite3'}", *words],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        return cls(process.stdout.readline().strip(), process)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def effects(self) -> dict[tuple[str, str], object]:
        """Everything that was done, by family and key, without what depends on the hour of the run."""
        with urllib.request.urlopen(f"{self.url}/_effects", timeout=10) as answer:  # noqa: S310  loopback
            listed = json.load(answer)["effects"]
        done = {}
        for effect in listed:
            body = {**effect["body"], "source": {**effect["body"]["source"], "received_at": ""}}
            assert (effect["path"], effect["key"]) not in done
            done[effect["path"], effect["key"]] = (effect["status"], json.dumps(body, sort_keys=True))
        return done


@dataclass
class Workshop:
    """A folder with settings, and the command."""

    folder: Path
    environment: dict[str, str] = field(default_factory=lambda: {"STAND_IN_TOKEN": "demo-token"})

    @classmethod
    def at(cls, folder: Path) -> Workshop:
        (folder / "entrants").mkdir()
        state = folder / "etat"
        state.mkdir(mode=0o700)
        (state / "cle").write_text(KEY)
        (state / "cle").chmod(0o600)
        return cls(folder)

    def write(self, text: str) -> None:
        (self.folder / "passerelle.toml").write_text(text, "utf-8")

    def command(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.line(*arguments),
            cwd=self.folder,
            env=self.variables(environment),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def line(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "passerelle.faces.cli.main", *arguments]

    def variables(self, more: dict[str, str] | None = None) -> dict[str, str]:
        return {**os.environ, "PASSERELLE_LANG": "en", **self.environment, **(more or {})}

    def balance(self, flow: str) -> dict[str, int]:
        """How the records of a flow ended, of what was supplied and of what was replayed; the books of each add up."""
        told = self.flows()[flow]
        fates: Counter[str] = Counter()
        for books in (told["balance"], told["replayed"]):
            found = {fate.value: books[fate.value] for fate in Fate if books[fate.value]}
            assert books["adds_up"]
            assert books["received"] == sum(found.values())
            fates += Counter(found)
        return dict(fates)

    def flows(self) -> dict[str, dict]:
        """What `status` tells of each flow."""
        told = json.loads(self.command("status", "--format", "json").stdout)
        return {flow["flow"]: flow for flow in told["flows"]}


def visits(count: int, *, first: int = 0, month: str = "05") -> str:
    """Invent rows of an interventions export: stamped visits, one a beneficiary."""
    rows = [HEADER]
    for number in range(first, first + count):
        day, hour = f"2024/{month}/{1 + number % 28:02d}", f"{7 + number % 12:02d}"
        rows.append(
            f'"Intervention";;"Aide au lever";"{day} {hour}:00:00";"{day} {hour}:01:10";"QR Code";;'
            f'"{day} {hour}:30:00";"{day} {hour}:29:40";"QR Code";;"0,50";"Jamais";;;"Équipe 1";'
            f'{number:024x};;"Prénom{number}";"NOM{number}";'
            f'"Non";{number + 5_000_000:024x};"Mme";"DUPRE{number}";"Jeanne{number}";;"Non";"Non";;'
        )
    return "\ufeff" + "\r\n".join(rows) + "\r\n"


def to_api(url: str, **more: object) -> str:
    """Settings of one flow: a folder of exports, delivered to the stand-in."""
    extra = "\n".join(f"{name} = {value}" for name, value in more.items())
    return f"""
[passerelle]
state = "etat"

[flow.visites]
connector = "compani-interventions"
purpose = "effectivity"
processing = {{ recipient = {{ kind = "payer", name = "Département", country = "FR", secrecy = "CASF, L. 133-5" }}, \
basis = "public_task", special_ground = "h", retention = {{ recipient_days = 1825, then = "erase" }}, \
informed_on = 2020-01-15, council_consulted_on = 2020-01-15 }}
block_bytes = 4096

[flow.visites.source]
kind = "folder"
path = "entrants"
glob = "*.csv"
quiet_seconds = 0

[flow.visites.destination]
kind = "api"
base_url = "{url}/recepteur"
path = "visits"
scheme = "bearer"
token = "env:STAND_IN_TOKEN"
per_second = 2000
{extra}
"""


def to_files(destination: str) -> str:
    """Settings of one flow: a folder of exports, delivered to files or a table."""
    return f"""
[passerelle]
state = "etat"

[flow.visites]
connector = "compani-interventions"
purpose = "effectivity"
processing = {{ recipient = {{ kind = "payer", name = "Département", country = "FR", secrecy = "CASF, L. 133-5" }}, \
basis = "public_task", special_ground = "h", retention = {{ recipient_days = 1825, then = "erase" }}, \
informed_on = 2020-01-15, council_consulted_on = 2020-01-15 }}
block_bytes = 4096
source = {{ kind = "folder", path = "entrants", glob = "*.csv", quiet_seconds = 0 }}
destination = {{ {destination} }}
"""
