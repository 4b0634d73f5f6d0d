"""The workbench to try: made small here, served as `make serve-demo` does, entered with the codes that it shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

DEMO = Path(__file__).parents[2] / "examples" / "serve_demo.py"
pytestmark = pytest.mark.slow


def test_the_three_accounts_enter_and_each_sees_what_it_may(tmp_path):
    environment = os.environ | {"PASSERELLE_SERVE_DEMO": str(tmp_path / "poste"), "PASSERELLE_LANG": "fr"}
    environment |= {"PYTHONUNBUFFERED": "1", "PASSERELLE_SERVE_PORT": "0"}
    command = [sys.executable, str(DEMO)]
    with subprocess.Popen([*command, "300"], env=environment, stdout=subprocess.PIPE, text=True) as serving:
        try:
            lines = []
            while not (lines and "http" in lines[-1]):
                lines.append(serving.stdout.readline())
                assert lines[-1], "it ended"
            said = "".join(lines)
            address = re.search(r"http://[\d.:]+", said)[0]
            told = subprocess.run([*command, "--codes"], env=environment, capture_output=True, text=True, check=True)
            codes = dict(re.findall(r"(\w+) +\(\w+\) : (\d{6})", told.stdout))
            secret = re.search(r"chacun : (.*)", said)[1]
            seen = {name: look(address, name, secret, code) for name, code in codes.items()}
        finally:
            serving.kill()
    assert seen == {
        "marie": {"/quarantaine": 200, "/personnes": 200, "/corrections": 200},
        "odile": {"/quarantaine": 200, "/personnes": 403, "/corrections": 403},
        "ali": {"/quarantaine": 200, "/personnes": 403, "/corrections": 403},
    }


def look(address: str, name: str, secret: str, code: str) -> dict[str, int]:
    """Return the status of some pages for somebody who signs in."""
    with httpx.Client(base_url=address, headers={"Origin": address}, timeout=60) as client:
        answer = client.post("/entrer", data={"nom": name, "secret": secret, "code": code})
        assert answer.status_code == 303, name
        assert "299 enregistrements" in client.get("/quarantaine").text.replace("\u202f", "")
        return {path: client.get(path).status_code for path in ("/quarantaine", "/personnes", "/corrections")}
