"""What `make package` makes is installed by two commands: no network, no compiler, no sources; then it works."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "plugins" / "compani" / "samples" / "interventions" / "nominal.csv"
SETTINGS = """
[passerelle]
state = "{base}/var/lib/passerelle/etat"
key_file = "{base}/var/lib/passerelle/cle"
keyring = "{base}/var/lib/passerelle/trousseau"
[flow.visites]
connector = "compani-interventions"
purpose = "support"
source = {{ kind = "folder", path = "{base}/srv/entrees", quiet_seconds = 0 }}
destination = {{ kind = "database", url = "{base}/var/lib/passerelle/base.db", views = true }}
"""


@pytest.fixture(scope="module")
def wheelhouse(tmp_path_factory) -> Path:
    """Make the folder of wheels from a copy of what git knows; skip where no index of packages can be reached."""
    source = tmp_path_factory.mktemp("source")
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True)
    for name in listed.stdout.decode().splitlines():
        if not name.startswith(("tests/", "docs/", "examples/")) and (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    plugins = [f"./{path.parent.relative_to(source)}" for path in sorted(source.glob("plugins/*/pyproject.toml"))]
    subprocess.run([*build, "--wheel-dir", "dist", ".", *plugins], cwd=source, check=True)
    made = subprocess.run([sys.executable, "tools/wheelhouse.py", "dist"], cwd=source, capture_output=True, check=False)
    if made.returncode and not can_reach_an_index(source):
        pytest.skip("no index of packages can be reached here: installing from the folder of wheels was not tried")
    assert made.returncode == 0, made.stderr.decode()
    return source / "dist" / "wheelhouse"


def can_reach_an_index(folder: Path) -> bool:
    """Return whether one small package can be had: then nothing excuses a folder that was not made."""
    asked = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir", "iniconfig"]
    return subprocess.run(asked, cwd=folder, capture_output=True, check=False).returncode == 0


def cut_off() -> list[str]:
    """Return what runs a command without any network, where this machine lets us."""
    tried = ["unshare", "--map-root-user", "--net"]
    if shutil.which("unshare") and subprocess.run([*tried, "true"], capture_output=True, check=False).returncode == 0:
        return tried
    return []


@pytest.mark.slow
def test_two_commands_install_it_and_a_flow_runs_in_the_layout_of_debian(wheelhouse, tmp_path):
    lines = (wheelhouse / "SHA256SUMS").read_text("utf-8").splitlines()
    assert len(lines) == len(list(wheelhouse.iterdir())) - 1
    # neither settings of pip nor a compiler nor this checkout
    quiet = {"PATH": "", "HOME": str(tmp_path), "PIP_CONFIG_FILE": os.devnull, "PASSERELLE_LANG": "fr"}
    new = tmp_path / "opt" / "passerelle"
    subprocess.run([sys.executable, "-m", "venv", new], check=True)
    install = [new / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-index", "--find-links", wheelhouse]
    install += ["--require-hashes", "--requirement", wheelhouse / "requirements.txt"]
    prefix = [shutil.which(word) or word for word in cut_off()[:1]] + cut_off()[1:]
    subprocess.run([*prefix, *install], env=quiet, cwd=tmp_path, check=True)
    for folder in ("etc/passerelle", "var/lib/passerelle", "srv/entrees"):
        (tmp_path / folder).mkdir(parents=True, mode=0o700)
    shutil.copy(SAMPLE, tmp_path / "srv" / "entrees")
    settings = tmp_path / "etc" / "passerelle" / "passerelle.toml"
    settings.write_text(SETTINGS.format(base=tmp_path), "utf-8")

    def ask(*words):
        command = [new / "bin" / "passerelle", "--settings", settings, *words]
        return subprocess.run(command, env=quiet, cwd=tmp_path, capture_output=True, check=False)

    assert ask("doctor", "--offline").returncode == 0
    ran = ask("run")
    assert ran.returncode in (0, 1), ran.stderr.decode()[-2000:]
    assert "visites" in ran.stdout.decode()
    assert "livré" in ask("status").stdout.decode()
    assert [path.name for path in settings.parent.iterdir()] == ["passerelle.toml"], "settings may be read-only"
    assert (tmp_path / "var" / "lib" / "passerelle" / "base.db").is_file()
    listed = ask("plugins", "list", "--format", "json").stdout.decode()
    assert "tddui" in listed
    assert "ogust" in listed


@pytest.mark.slow
def test_a_bidder_follows_the_kit_without_a_network_and_gets_the_result_that_it_announces(wheelhouse, tmp_path):
    (tmp_path / "achat").mkdir()
    shutil.copy(ROOT / "examples" / "tender" / "tender.toml", tmp_path / "achat")
    build = [Path(sys.executable).with_name("passerelle"), "tender", "build", "achat", "--with-program", wheelhouse]
    subprocess.run(build, cwd=tmp_path, check=True, capture_output=True)
    kit = tmp_path / "candidat"
    with zipfile.ZipFile(tmp_path / "achat" / "kit-candidat.zip") as archive:
        archive.extractall(kit)
    commands = [
        line.removeprefix("$ ") for line in (kit / "LISEZ-MOI.md").read_text("utf-8").splitlines() if line[:2] == "$ "
    ]
    prefix = [shutil.which(word) or word for word in cut_off()[:1]] + cut_off()[1:]
    quiet = {"HOME": str(tmp_path), "PIP_CONFIG_FILE": os.devnull, "PASSERELLE_LANG": "fr", "PYTHONUTF8": "1"}
    for command in commands[:2]:
        words = command.split()
        # What runs this may be a wrapper by the same name, which needs a shell.
        named = f"python{sys.version_info.major}.{sys.version_info.minor}"
        words[0] = sys.executable if words[0] == named else str(kit / words[0])
        subprocess.run([*prefix, *words], cwd=kit, env={**quiet, "PATH": ""}, check=True)
    words = commands[2].split()
    scored = [*prefix, str(kit / words[0]), *words[1:]]
    ran = subprocess.run(scored, cwd=kit, env={**quiet, "PATH": ""}, capture_output=True, check=False)
    assert ran.stdout.decode() == (kit / "resultat-attendu.txt").read_text("utf-8"), ran.stderr.decode()[-2000:]


def test_the_recipe_of_the_image_names_no_registry_and_leaves_root():
    lines = (ROOT / "Containerfile").read_text("utf-8").splitlines()
    steps = [line for line in lines if line and not line.startswith((" ", "#"))]
    bases = [line.split()[1] for line in steps if line.startswith("FROM")]
    assert bases == ["${BASE}", "${BASE}"]
    (default,) = [line.partition("=")[2] for line in steps if line.startswith("ARG BASE")]
    assert re.fullmatch(r"python:\$\{PYTHON\}-slim-[a-z]+", default), "a name that any registry may have"
    last = steps[len(steps) - steps[::-1].index(next(line for line in steps[::-1] if line.startswith("FROM"))) :]
    assert "USER 10001:10001" in last
    (volumes,) = [line for line in last if line.startswith("VOLUME")]
    assert all(path in volumes for path in ("/etc/passerelle", "/var/lib/passerelle", "/var/log/passerelle"))
    assert not any("://" in line for line in lines)
