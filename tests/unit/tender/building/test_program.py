"""The program in a kit: what a bidder needs and no more, each file the one that was listed."""

from __future__ import annotations

import hashlib
import zipfile
from importlib.metadata import version

import pytest

from passerelle.tender.building import writing
from passerelle.tender.building.program import gather_program
from passerelle.vocabulary.errors import UsageError

EDITION = version("passerelle-social")
CORE = f"passerelle_social-{EDITION}-py3-none-any.whl"
WHEELS = {
    CORE: ("Click>=8", "polars.fast[Arrow]; python_version >= '3.11'", "psycopg>=3; extra == 'postgresql'", "gone>=1"),
    "passerelle_plugin_compani-0.1.0-py3-none-any.whl": ("passerelle-social",),
    "click-8.5.1-py3-none-any.whl": (),
    "polars_fast-2.1.0-cp39-abi3-manylinux2014_x86_64.whl": ("pyarrow>=1; extra == 'arrow'", "numpy; extra == 'numpy'"),
    "pyarrow-9.0-cp311-cp311-manylinux2014_x86_64.whl": (),
    "numpy-2.0-cp311-cp311-manylinux2014_x86_64.whl": (),
    "psycopg-3.3.9-py3-none-any.whl": (),
}
TAKEN = {*WHEELS} - {"numpy-2.0-cp311-cp311-manylinux2014_x86_64.whl", "psycopg-3.3.9-py3-none-any.whl"}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def wheelhouse(tmp_path):
    """Make a folder as `make package` does, of wheels that hold their metadata only."""
    folder = tmp_path / "wheelhouse"
    folder.mkdir()
    pins = ["# a comment"]
    for name, required in WHEELS.items():
        project, edition = name.split("-")[:2]
        with zipfile.ZipFile(folder / name, "w") as archive:
            lines = [f"Name: {project}", f"Version: {edition}", *(f"Requires-Dist: {one}" for one in required)]
            archive.writestr(f"{project}-{edition}.dist-info/METADATA", "\n".join(lines) + "\n\nAbout it.\n")
        extras = "[postgresql,mysql]" if name == CORE else ""
        digest = _digest((folder / name).read_bytes())
        pins.append(
            f"{project.replace('_', '-')}{extras}=={edition} ; python_version >= '3' \\\n    --hash=sha256:{digest}"
        )
    (folder / "requirements.txt").write_text("\n".join(pins) + "\n", "utf-8")
    _list_digests(folder)
    return folder


def _list_digests(folder):
    lines = [f"{_digest(path.read_bytes())}  {path.name}\n" for path in folder.iterdir() if path.name != "SHA256SUMS"]
    (folder / "SHA256SUMS").write_text("".join(lines), "utf-8")


def test_a_kit_takes_what_scoring_rests_on_and_leaves_what_only_extras_ask_for(wheelhouse):
    taken = gather_program(wheelhouse)
    assert {*taken.files} == TAKEN | {"requirements.txt", "SHA256SUMS"}
    assert (taken.python, taken.system) == ("3.11", "Linux")


def test_pins_and_digests_are_those_of_what_is_taken(wheelhouse):
    files = gather_program(wheelhouse).files
    pins = files["requirements.txt"].decode()
    assert f"passerelle-social=={EDITION} ; python_version" in pins
    assert {line.strip() for line in pins.splitlines() if "--hash" in line} == {
        f"--hash=sha256:{_digest(files[name])}" for name in TAKEN
    }
    listed = dict(line.split("  ")[::-1] for line in files["SHA256SUMS"].decode().splitlines())
    assert listed == {name: _digest(content) for name, content in files.items() if name != "SHA256SUMS"}


def test_a_file_that_is_not_the_one_that_was_listed_goes_into_no_kit(wheelhouse):
    with (wheelhouse / "click-8.5.1-py3-none-any.whl").open("ab") as stream:
        stream.write(b"more")
    with pytest.raises(UsageError) as caught:
        gather_program(wheelhouse)
    assert caught.value.code == "usage.program.altered"


@pytest.mark.parametrize("missing", ["SHA256SUMS", "requirements.txt", "click-8.5.1-py3-none-any.whl", CORE])
def test_a_folder_that_lacks_something_is_refused(wheelhouse, missing):
    (wheelhouse / missing).unlink()
    if missing == "requirements.txt":
        _list_digests(wheelhouse)
    with pytest.raises(UsageError) as caught:
        gather_program(wheelhouse)
    assert caught.value.code == "usage.program.unreadable"


def test_another_edition_is_refused_for_its_result_would_not_be_the_one_announced(wheelhouse):
    (wheelhouse / CORE).rename(wheelhouse / "passerelle_social-99.0-py3-none-any.whl")
    _list_digests(wheelhouse)
    with pytest.raises(UsageError) as caught:
        gather_program(wheelhouse)
    assert caught.value.code == "usage.program.other_edition"


def test_a_digest_that_names_a_file_elsewhere_is_not_followed(wheelhouse, tmp_path):
    (tmp_path / "secret.whl").write_bytes(b"x")
    with (wheelhouse / "SHA256SUMS").open("a", encoding="utf-8") as stream:
        stream.write(f"{_digest(b'x')}  ../secret.whl\n")
    assert {*gather_program(wheelhouse).files} == TAKEN | {"requirements.txt", "SHA256SUMS"}


def test_the_kit_holds_the_program_and_its_readme_two_commands(wheelhouse, built):
    writing.build(built, program=wheelhouse)
    first = (built / "kit-candidat.zip").read_bytes()
    with zipfile.ZipFile(built / "kit-candidat.zip") as archive:
        held = {name.partition("/")[2] for name in archive.namelist() if name.startswith("programme/")}
        readme = archive.read("LISEZ-MOI.md").decode()
    assert held == TAKEN | {"requirements.txt", "SHA256SUMS"}
    offline = "--no-index --find-links programme --require-hashes -r programme/requirements.txt"
    commands = [line for line in readme.splitlines() if line.startswith("$ ")]
    assert commands[:3] == [
        "$ python3.11 -m venv outil",
        f"$ outil/bin/python -m pip install {offline}",
        "$ outil/bin/passerelle score exemple --tender .",
    ]
    writing.build(built, program=wheelhouse)
    assert (built / "kit-candidat.zip").read_bytes() == first
