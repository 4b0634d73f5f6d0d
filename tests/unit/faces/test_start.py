"""Help comes quickly: what is heavy is imported by the command that needs it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

HEAVY = {"polars", "sqlalchemy", "httpx", "lxml", "pydantic", "jinja2", "alembic", "cryptography"}
CODE = """
import sys
sys.argv[0] = "passerelle"
from passerelle.faces.cli.main import main
try:
    main()
finally:
    print("IMPORTED", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", [["--help"], ["plugins", "list"], ["plugins", "--help"], ["completion", "bash"]])
def test_a_light_command_imports_nothing_heavy(arguments):
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", CODE, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PASSERELLE_LANG": "fr", "COLUMNS": "100"},
    )
    assert result.returncode == 0, result.stderr
    imported = set(result.stderr.rpartition("IMPORTED")[2].split())
    assert imported & HEAVY == set()
    assert result.stdout


def test_the_language_is_chosen_before_click_speaks():
    for language, word in (("fr", "Commandes"), ("en", "Commands")):
        result = subprocess.run(
            [sys.executable, "-m", "passerelle.faces.cli.main", "--lang", language, "--help"],
            capture_output=True,
            text=True,
            check=True,
            encoding="utf-8",
            env=os.environ | {"PASSERELLE_LANG": "", "PYTHONIOENCODING": "utf-8"},
        )
        assert word in result.stdout
