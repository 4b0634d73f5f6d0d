"""The demonstration, run as `make demo` runs it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
CLI = [sys.executable, "-m", "passerelle.faces.cli.main"]
SHOWN = ("delivered", "unchanged", "duplicate", "unreadable", "rejected", "withheld", "refused", "unknown")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Run it once, into a folder of its own."""
    out = tmp_path_factory.mktemp("demo") / "out"
    command = [sys.executable, str(ROOT / "examples" / "demo.py"), str(out)]
    return out, subprocess.run(command, cwd=out.parent, capture_output=True, encoding="utf-8", check=False)


@pytest.fixture(scope="module")
def books(demo) -> dict[str, dict[str, int]]:
    """Ask the state that it left for the books of each flow."""
    # it ends with 1, as somebody should look: two visits are no longer in the second export
    asked = subprocess.run([*CLI, "status", "--format", "json"], cwd=demo[0], capture_output=True, check=False)
    assert asked.returncode == 1
    return {flow["flow"]: flow["balance"] for flow in json.loads(asked.stdout)["flows"]}


def test_it_ends_well(demo):
    _, ran = demo
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_books_of_every_flow_add_up(books):
    assert set(books) == {"visites", "dossiers-sociaux", "contacts", "bascule", "ancien-systeme"}
    assert all(book["received"] == sum(book[fate] for fate in SHOWN) > 0 for book in books.values())


def test_it_shows_at_least_one_row_of_each_fate(books):
    assert {fate: any(book[fate] for book in books.values()) for fate in SHOWN} == dict.fromkeys(SHOWN, True)


def test_the_receiving_system_acted_once_for_each_record_delivered(demo, books):
    with sqlite3.connect(demo[0] / "serveur-factice.sqlite3") as base:
        done = base.execute("SELECT count(*), count(DISTINCT key) FROM effect WHERE status = 201").fetchone()
    assert done == (books["visites"]["delivered"],) * 2


def test_what_it_says_it_wrote_is_there(demo):
    out, ran = demo
    assert list((out / "sortants" / "dossiers").glob("*.xlsx"))
    assert list((out / "sortants" / "bascule").glob("*.csv"))
    for name in ("sortants/contacts.sqlite3", "rapports/interventions.html", "rapports/quarantaine.xlsx"):
        assert (out / name).stat().st_size > 0
        assert name.split("/")[0] in ran.stdout


def test_no_name_of_a_sample_is_in_what_it_prints_or_logs(demo):
    out, ran = demo
    told = ran.stdout + ran.stderr + (out / "passerelle.log").read_text(encoding="utf-8")
    assert not [name for name in ("LORIOT", "QUÉMENER", "TREMEUR", "MARTINEAU", "SABATIER") if name in told]
