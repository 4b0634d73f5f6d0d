"""The demonstration: starts the stand-in, runs every example flow twice as a user would, shows what became of each row.

`python examples/demo.py` from any folder; everything it makes is in `demo-out/` (or the folder that is named), which it
empties first.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "examples" / "demo"
OUT = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / "demo-out"
ADDRESS = "http://127.0.0.1:8710"
"""The stand-in's address in the model settings, replaced by the one it really has."""
SECRETS = {"DEMO_JETON": "demo-token", "DEMO_CLIENT": "demo", "DEMO_SECRET": "demo-secret"}
CONNECTOR = "compani-interventions"
WHO_REFUSED = "compani:person:66f0b1d2c3b4a59687760003"
ALL_SETTLED, SOME_ASIDE, WAITS = 0, 1, 75
"""Exit codes of `passerelle run`."""
CREATED = 201
PATIENCE = 5
FATES = (
    ("delivered", "livrés"),
    ("unchanged", "inchangés"),
    ("duplicate", "doublons"),
    ("unreadable", "illisibles"),
    ("rejected", "rejetés"),
    ("withheld", "retenus"),
    ("refused", "refusés"),
    ("unknown", "incertains"),
)


def main() -> int:
    """Run the demonstration; 0 when every book balances."""
    _prepare()
    with _stand_in() as address:
        _settle_in(address)
        _say("1. Ce que vaut un fichier, avant de rien livrer")
        _check()
        _say("2. Une personne refuse que ses données servent au contrôle d'effectivité")
        _passerelle("consent", "refuse", WHO_REFUSED, "--purpose", "effectivity")
        _say("3. Premier passage : tout ce qui attend traverse")
        _run()
        _say("4. Le lendemain, un nouvel export de la même période arrive : seul ce qui a changé part")
        shutil.copytree(OUT / "second-depot", OUT / "entrants", dirs_exist_ok=True)
        _run()
        _say("5. Ce qui est en quarantaine, par cause ; le classeur que l'on peut envoyer à l'éditeur")
        _explain(_asked("quarantine", "list"))
        _passerelle("quarantine", "export", "--output", "rapports/quarantaine.xlsx")
        effects = _effects(address)
    return _conclude(_asked("status"), effects)


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
            [sys.executable, "-m", "passerelle.faces.cli.main", *arguments],
            cwd=OUT,
            env={**os.environ, **SECRETS, "PASSERELLE_LANG": "fr", "PYTHONUTF8": "1"},
            stdout=subprocess.PIPE,
            stderr=None if sys.stderr.isatty() else log,
            encoding="utf-8",
            check=False,
        )


def _run() -> None:
    """Run every flow, and again while something waits for the other side."""
    for _attempt in range(PATIENCE):
        if _passerelle("run", expected=(ALL_SETTLED, SOME_ASIDE, WAITS)) != WAITS:
            return


def _check() -> None:
    file = "entrants/visites/interventions-2024-11.csv"
    _passerelle("check", file, "--connector", CONNECTOR)
    _passerelle("check", file, "--connector", CONNECTOR, "--format", "html", "--output", "rapports/interventions.html")


def _explain(quarantine: dict[str, Any]) -> None:
    """Say why, and what to do, once a flow and cause."""
    for cause in quarantine["causes"]:
        column = f", colonne «{cause['column']}»" if cause["column"] else ""
        print(f"  {cause['flow']} : {_counted(cause['count'], dict(FATES)[cause['fate']])}{column}")
        print(f"    {cause['says']}\n    → {cause['advice']}\n")


def _effects(address: str) -> int:
    """Count what the payer's API has done: never twice for one key, whatever went wrong on the way."""
    with urlopen(f"{address}/_effects", timeout=10) as answer:  # noqa: S310  the stand-in, on this machine
        found = json.load(answer)["effects"]
    return sum(effect["status"] == CREATED for effect in found)


def _balance(balance: dict[str, int]) -> str:
    found = [_counted(balance[fate], words) for fate, words in FATES if balance[fate]]
    return f"{balance['received']} reçus = {' + '.join(found) or '0'}"


def _counted(number: int, words: str) -> str:
    return f"{number} {words if number > 1 else words.removesuffix('s')}"


def _conclude(status: dict[str, Any], effects: int) -> int:
    """Show the books of both runs together, and where everything lies."""
    _say("Bilan des deux passages")
    for flow in status["flows"]:
        print(f"  {flow['flow']:<16} {_balance(flow['balance'])}")
    print()
    for what, where in (
        ("Sorties", "sortants"),
        ("Rapport de contrôle", "rapports/interventions.html"),
        ("Quarantaine, sans les valeurs", "rapports/quarantaine.xlsx"),
        ("Journal, dépôt et quarantaine", "etat"),
        ("Ce que l'API du payeur a enregistré", "serveur-factice.sqlite3"),
    ):
        print(f"  {what:<36} {OUT / where}")
    books = {flow["flow"]: flow["balance"] for flow in status["flows"]}
    delivered = books["visites"]["delivered"]
    print(f"\n  Malgré ses pannes, l'API du payeur a agi {effects} fois pour {delivered} enregistrements livrés.")
    exact = all(book["adds_up"] for book in books.values()) and effects == delivered
    print("  " + ("Chaque ligne reçue a un sort, et un seul." if exact else "LES COMPTES NE TOMBENT PAS JUSTE."))
    return 0 if exact else 1


def _say(words: str) -> None:
    print(f"\n=== {words}\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
