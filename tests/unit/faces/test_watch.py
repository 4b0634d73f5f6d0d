"""`passerelle watch` runs what arrives, and ends cleanly at a signal."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys

from .conftest import SAMPLES


def test_a_file_that_arrives_is_delivered_and_a_signal_ends_it(folder):
    line = [sys.executable, "-m", "passerelle.faces.cli.main", "watch", "--every", "1"]
    environment = {**os.environ, "PASSERELLE_LANG": "en", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        line, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout.readline().startswith("Watching.")
            shutil.copy(SAMPLES / "nominal.csv", folder / "entrees" / "nominal.csv")
            told = process.stdout.readline()
            while told.startswith("visites: nothing received"):  # its schedule was due before the file came
                told = process.stdout.readline()
            assert told.startswith("visites: received ")
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=120) == 0
        finally:
            process.kill()
    assert list((folder / "sorties").glob("*.ndjson"))
    assert (folder / "etat" / "journal.sqlite3-mark").is_file(), "the journal was closed"
