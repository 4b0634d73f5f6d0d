"""The program, run in this process, and a folder with settings in which it works."""

from __future__ import annotations

import gettext
import json
import logging
import shutil
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from passerelle.engine import log
from passerelle.faces.cli.app import run
from passerelle.faces.cli.display_language import speak
from passerelle.vocabulary import language

SAMPLES = Path(__file__).parents[3] / "plugins" / "compani" / "samples" / "interventions"

FLOW = """
[flow.visites]
connector = "compani-interventions"
purpose = "effectivity"
processing = { recipient = { kind = "payer", name = "Département", country = "FR", secrecy = "CASF, L. 133-5" }, \
basis = "public_task", special_ground = "h", retention = { recipient_days = 1825, then = "erase" }, \
informed_on = 2020-01-15, council_consulted_on = 2020-01-15 }
schedule = "chaque nuit"
source = { kind = "folder", path = "entrees", glob = "*.csv", quiet_seconds = 0 }
destination = { kind = "folder", path = "sorties" }
"""


@dataclass(frozen=True, slots=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture(autouse=True)
def _as_before(monkeypatch):
    """Give back what the program sets for its process: language, log, hooks."""
    monkeypatch.setenv("PASSERELLE_LANG", "en")
    monkeypatch.setenv("LANGUAGE", "en")
    for owner, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    handlers, domain = logging.getLogger().handlers, gettext.textdomain()
    yield
    logging.getLogger().handlers = handlers
    logging.captureWarnings(capture=False)
    gettext.textdomain(domain)
    language.set_language("")
    log._current.clear()


@pytest.fixture
def program(capsys):
    """Run the program: `program("status", "--format", "json", lang="fr")`."""

    def call(*arguments, lang="en"):
        speak(lang)
        capsys.readouterr()
        code = run([str(argument) for argument in arguments], language_asked=True)
        captured = capsys.readouterr()
        return Result(int(code), captured.out, captured.err)

    return call


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with one flow from a folder to a folder, and nothing to read yet."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "passerelle.toml").write_text(FLOW, encoding="utf-8")
    (tmp_path / "entrees").mkdir()
    (tmp_path / "sorties").mkdir()
    return tmp_path


@pytest.fixture
def oddities(folder):
    """The same, with a file of oddities at the door."""
    shutil.copy(SAMPLES / "oddities.csv", folder / "entrees")
    return folder
