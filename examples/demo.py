"""The demonstration: starts the stand-in, runs the example flows as a user would, shows what became of each row.

`python examples/demo.py` from any folder; everything it makes is in `demo-out/` (or the folder that is named), which it
empties first. It speaks the language of the session: `PASSERELLE_LANG=en make demo`.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

from passerelle.vocabulary.language import read_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "examples" / "demo"
OUT = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / "demo-out"
ADDRESS = "http://127.0.0.1:8710"
"""The stand-in's address in the model settings, replaced by the one it really has."""
SECRETS = {"DEMO_JETON": "demo-token", "DEMO_CLIENT": "demo", "DEMO_SECRET": "demo-secret"}
CONNECTOR = "compani-interventions"
DIRECTORY = "annuaire"
"""The flow that shows truth over time."""
WHO_REFUSED = "compani:person:66f0b1d2c3b4a59687760003"
ALL_SETTLED, SOME_ASIDE, WAITS = 0, 1, 75
"""Exit codes of `passerelle run`."""
CREATED = 201
PATIENCE = 5
LANGUAGE = read_environment()
"""`fr` or `en`."""
COLON = "\N{NO-BREAK SPACE}:" if LANGUAGE == "fr" else ":"
FATES = {
    "delivered": ("livré", "livrés", "delivered", "delivered"),
    "unchanged": ("inchangé", "inchangés", "unchanged", "unchanged"),
    "duplicate": ("doublon", "doublons", "duplicate", "duplicates"),
    "unreadable": ("illisible", "illisibles", "unreadable", "unreadable"),
    "rejected": ("rejeté", "rejetés", "rejected", "rejected"),
    "withheld": ("retenu", "retenus", "withheld", "withheld"),
    "refused": ("refusé", "refusés", "refused", "refused"),
    "unknown": ("incertain", "incertains", "unknown", "unknown"),
}
"""One and many, in French, then in English."""
WORDS = {
    "check": (
        "1. Ce que vaut un fichier, avant de rien livrer",
        "1. What a file is worth, before anything is delivered",
    ),
    "consent": (
        "2. Une personne refuse que ses données servent au contrôle d'effectivité",
        "2. A person refuses that their data serve to check that help was given",
    ),
    "first": ("3. Premier passage : tout ce qui attend traverse", "3. First run: all that waits goes across"),
    "next": (
        "4. Le lendemain, un nouvel export de la même période : seul ce qui a changé part, ce qui a disparu est dit",
        "4. The next day, a new export of the same period: only what changed goes, what vanished is told",
    ),
    "reverted": (
        "5. Une valeur change, puis revient (A, B, A) : la version 3 contient de nouveau A",
        "5. A value changes, then changes back (A, B, A): version 3 holds A again",
    ),
    "vanished": (
        "6. Le troisième export n'a plus une personne : elle est comptée, et rien n'est supprimé sans qu'on le demande",
        "6. The third export lacks a person: they are counted, and nothing is deleted unless somebody asks for it",
    ),
    "absent": (
        "7. Le quatrième n'a plus la colonne des téléphones : absent n'est pas vide, et la question est posée",
        "7. The fourth lacks the column of telephone numbers: absent is not empty, and the question is asked",
    ),
    "answered": (
        "   Réponse : la destination garde ce qu'elle a ; le reste du fichier part",
        "   The answer: the destination keeps what it has; the rest of the file goes",
    ),
    "quarantine": (
        "8. Ce qui est en quarantaine, par cause ; le classeur que l'on peut envoyer à l'éditeur",
        "8. What is in quarantine, by cause; the workbook that can be sent to the supplier",
    ),
    "access": (
        "9. La personne du chapitre 2 demande ce que l'on a sur elle : une page à lui remettre",
        "9. The person of chapter 2 asks what is held of them: a page to hand over",
    ),
    "why": ("demande écrite de la personne", "asked for in writing"),
    "answer": ("Réponse à une demande d'accès", "Answer to a request for access"),
    "books": ("Bilan de tous les passages", "The books of all runs"),
    "holds": (
        "la destination : personne 1, version {version}, téléphone {phone}",
        "the destination: person 1, version {version}, telephone {phone}",
    ),
    "column": (", colonne «\N{NO-BREAK SPACE}{column}\N{NO-BREAK SPACE}»", ", column «{column}»"),
    "received": ("reçus", "received"),
    "outputs": ("Sorties", "Outputs"),
    "report": ("Rapport de contrôle", "Report of the check"),
    "workbook": ("Quarantaine, sans les valeurs", "Quarantine, without values"),
    "state": ("Journal, dépôt et quarantaine", "Journal, depot and quarantine"),
    "payer": ("Ce que l'API du payeur a enregistré", "What the payer's API has recorded"),
    "effects": (
        "Malgré ses pannes, l'API du payeur a agi {effects} fois pour {delivered} enregistrements livrés.",
        "Whatever went wrong, the payer's API acted {effects} times for {delivered} delivered records.",
    ),
    "exact": ("Chaque ligne reçue a un sort, et un seul.", "Every row that was received has one fate, and only one."),
    "inexact": ("LES COMPTES NE TOMBENT PAS JUSTE.", "THE BOOKS DO NOT BALANCE."),
}
"""What it says, in French and in English."""


def main() -> int:
    """Run the demonstration; 0 when every book balances."""
    _prepare()
    with _stand_in() as address:
        _settle_in(address)
        _open("check")
        _check()
        _open("consent")
        _passerelle("consent", "refuse", WHO_REFUSED, "--purpose", "effectivity")
        _open("first")
        _run()
        _open("next")
        shutil.copytree(OUT / "second-depot", OUT / "entrants", dirs_exist_ok=True)
        _run()
        _show_truth_over_time()
        _open("quarantine")
        _explain(_asked("quarantine", "list"))
        _passerelle("quarantine", "export", "--output", "rapports/quarantaine.xlsx")
        _open("access")
        _passerelle("person", "export", WHO_REFUSED, "--why", _pick("why"), "--out", "rapports/reponse.html")
        effects = _effects(address)
    return _conclude(_asked("status"), effects)


def _show_truth_over_time() -> None:
    """Run four exports of one directory: a value that comes back, a person who is gone, a column that is gone."""
    _open("reverted")
    for day in (1, 2, 3):
        if day == 3:  # the third export shows two things: the value is back, and a person is gone
            _open("vanished")
        _drop(day)
    _open("absent")
    _drop(4)
    print(_pick("answered") + "\n")
    _passerelle("flow", "resume", DIRECTORY, "--absent", "keep")
    _run(DIRECTORY)
    _show_person()


def _drop(day: int) -> None:
    """Drop the export of a day, run its flow, and show what the destination then has of one person."""
    folder = OUT / "entrants" / DIRECTORY
    folder.mkdir(exist_ok=True)
    shutil.copy(OUT / DIRECTORY / f"jour-{day}.csv", folder)
    _run(DIRECTORY)
    _show_person()


def _show_person() -> None:
    with closing(sqlite3.connect(OUT / "sortants" / "annuaire.sqlite3")) as base:
        asked = "SELECT passerelle_version, telecoms FROM passerelle_person_1 WHERE ref = 'annuaire:person:1'"
        version, telecoms = base.execute(asked).fetchone()
    print(f"  → {_pick('holds', version=version, phone=json.loads(telecoms)[0]['value'])}\n")


def _prepare() -> None:
    shutil.rmtree(OUT, ignore_errors=True)
    shutil.copytree(MODEL, OUT)
    (OUT / "rapports").mkdir()


@contextmanager
def _stand_in() -> Iterator[str]:
    """Run the stand-in while the block runs; give its address."""
    command = [
        sys.executable,
        "-m",
        "examples.stand_in",
        "--port",
        "0",
        "--state",
        str(OUT / "serveur-factice.sqlite3"),
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603  our own
        try:
            assert server.stdout  # noqa: S101  asked for just above
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def _settle_in(address: str) -> None:
    settings = OUT / "passerelle.toml"
    text = settings.read_text(encoding="utf-8").replace(ADDRESS, address)
    settings.write_text(text, encoding="utf-8", newline="\n")


def _passerelle(*arguments: str, expected: tuple[int, ...] = (ALL_SETTLED, SOME_ASIDE)) -> int:
    """Run the command that a user types, from the folder of the settings, and show it; give its exit code."""
    print(f"$ passerelle {' '.join(arguments)}", flush=True)
    ran = _started(*arguments)
    print(ran.stdout)
    if ran.returncode not in expected:
        sys.exit(f"passerelle {arguments[0]}: {ran.returncode} ({OUT / 'passerelle.log'})")
    return ran.returncode


def _asked(*arguments: str) -> dict[str, Any]:
    """Ask for a report as JSON."""
    return dict(json.loads(_started(*arguments, "--format", "json").stdout))


def _started(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command. What it logs is shown on a terminal, as a progress bar; elsewhere it goes to a file."""
    with (OUT / "passerelle.log").open("a", encoding="utf-8") as log:
        return subprocess.run(  # noqa: S603  our own command
            [sys.executable, "-m", "passerelle.faces.cli.main", "--lang", LANGUAGE, *arguments],
            cwd=OUT,
            env={**os.environ, **SECRETS, "PYTHONUTF8": "1"},
            stdout=subprocess.PIPE,
            stderr=None if sys.stderr.isatty() else log,
            encoding="utf-8",
            check=False,
        )


def _run(*flows: str) -> None:
    """Run these flows, or every flow, and again while something waits for the other side."""
    for _attempt in range(PATIENCE):
        if _passerelle("run", *flows, expected=(ALL_SETTLED, SOME_ASIDE, WAITS)) != WAITS:
            return


def _check() -> None:
    file = "entrants/visites/interventions-2024-11.csv"
    _passerelle("check", file, "--connector", CONNECTOR)
    _passerelle("check", file, "--connector", CONNECTOR, "--format", "html", "--output", "rapports/interventions.html")


def _explain(quarantine: dict[str, Any]) -> None:
    """Say why, and what to do, once a flow and cause."""
    for cause in quarantine["causes"]:
        column = _pick("column", column=cause["column"]) if cause["column"] else ""
        print(f"  {cause['flow']}{COLON} {_counted(cause['count'], cause['fate'])}{column}")
        print(f"    {cause['says']}\n    → {cause['advice']}\n")


def _effects(address: str) -> int:
    """Count what the payer's API has done: never twice for one key, whatever went wrong on the way."""
    with urlopen(f"{address}/_effects", timeout=10) as answer:  # noqa: S310  the stand-in, on this machine
        found = json.load(answer)["effects"]
    return sum(effect["status"] == CREATED for effect in found)


def _balance(balance: dict[str, int]) -> str:
    found = [_counted(balance[fate], fate) for fate in FATES if balance[fate]]
    return f"{balance['received']} {_pick('received')} = {' + '.join(found) or '0'}"


def _counted(number: int, fate: str) -> str:
    one, many = FATES[fate][:2] if LANGUAGE == "fr" else FATES[fate][2:]
    return f"{number} {many if number > 1 else one}"


def _conclude(status: dict[str, Any], effects: int) -> int:
    """Show the books of all runs together, and where everything lies."""
    _open("books")
    for flow in status["flows"]:
        print(f"  {flow['flow']:<16} {_balance(flow['balance'])}")
    print()
    for what, where in (
        ("outputs", "sortants"),
        ("report", "rapports/interventions.html"),
        ("workbook", "rapports/quarantaine.xlsx"),
        ("answer", "rapports/reponse.html"),
        ("state", "etat"),
        ("payer", "serveur-factice.sqlite3"),
    ):
        print(f"  {_pick(what):<36} {OUT / where}")
    books = {flow["flow"]: flow["balance"] for flow in status["flows"]}
    delivered = books["visites"]["delivered"]
    print(f"\n  {_pick('effects', effects=effects, delivered=delivered)}")
    exact = all(book["adds_up"] for book in books.values()) and effects == delivered
    print("  " + _pick("exact" if exact else "inexact"))
    return 0 if exact else 1


def _pick(name: str, **facts: object) -> str:
    """Return the words in the reader's language, with the facts filled in."""
    french, english = WORDS[name]
    return (french if LANGUAGE == "fr" else english).format(**facts)


def _open(chapter: str) -> None:
    print(f"\n=== {_pick(chapter)}\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
