"""Every command that the documents show is really run, and ends with the exit code that is said beside it.

A page is run from top to bottom by one process, in a folder of its own. What a page says in HTML comments above a
block: `not run: why` (it cannot be run here), `append to FILE` (the reader writes this block there) and
`correct FILE : COLUMN = VALUE` (the reader corrects the first row of this workbook).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXPORT = ROOT / "examples" / "demo" / "entrants" / "visites" / "interventions-2024-11.csv"
READMES = ("README.md", "README.fr.md")
PAGES = [*READMES, "CONTRIBUTING.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))]
SHELLS = ("console", "sh", "bash", "powershell")
FENCE = re.compile(
    r"(?:^ *<!-- (?P<order>[^\n]*?) -->\n)?^(?P<indent> *)```(?P<kind>\w+)\n(?P<body>.*?)^ *```$",
    re.DOTALL | re.MULTILINE,
)
EXIT_CODE = re.compile(r"\s+#.*?(?:\b(?:exit|code) (?P<code>\d+).*)?$")
FLOW = """
[flow.visites]
connector = "compani-interventions"
purpose = "effectivity"
source = { kind = "folder", path = "entrees", glob = "*.csv", quiet_seconds = 0 }
destination = { kind = "folder", path = "sorties" }
"""
REFUSES = "compani:person:66f0b1d2c3b4a59687760003\n"


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block of a page."""

    order: str
    kind: str
    body: str

    @property
    def commands(self) -> list[tuple[str, int]]:
        """Return the commands with their expected exit codes, without the output lines of a console."""
        lines = [line.strip() for line in self.body.splitlines()]
        typed = (
            [line[2:] for line in lines if line.startswith("$ ")] if self.kind == "console" else [*filter(None, lines)]
        )
        return [_split_command(line) for line in typed]


def _split_command(line: str) -> tuple[str, int]:
    comment = EXIT_CODE.search(line) if " #" in line else None
    if comment is None:
        return line, 0
    return line[: comment.start()], int(comment["code"] or 0)


def find_blocks(page: str) -> list[Block]:
    """Find the fenced blocks of a page."""
    text = (ROOT / page).read_text("utf-8")
    return [Block(found["order"] or "", found["kind"], found["body"]) for found in FENCE.finditer(text)]


def find_typed_blocks(page: str) -> list[Block]:
    """Find the blocks that people are meant to type."""
    return [block for block in find_blocks(page) if block.kind in SHELLS]


def _list_steps(page: str) -> list[list[object]]:
    """Return the acts of a reader, in order: a command with its exit code, a text to append, a workbook to correct."""
    steps: list[list[object]] = []
    for block in find_blocks(page):
        if block.order.startswith("append to "):
            steps.append(["append", block.order.removeprefix("append to "), block.body])
            continue
        if block.order.startswith("correct "):
            steps.append(["correct", *re.split(r" : | = ", block.order.removeprefix("correct "))])
        if block.kind in SHELLS and not block.order.startswith("not run"):
            steps += [["run", command, code] for command, code in block.commands]
    return steps


RUNNABLE = [page for page in PAGES if any(step[0] == "run" for step in _list_steps(page))]


def _prepare(page: str, folder: Path, used: Path) -> None:
    """Lay out what a reader of this page has: the sources for the README, else a folder where a flow has run once."""
    if page in READMES:
        shutil.copytree(ROOT / "examples" / "demo", folder / "examples" / "demo")
        return
    shutil.copytree(used, folder, dirs_exist_ok=True)
    if page == "docs/exploiter.md":
        for part in ("etat", "etat-trousseau"):  # the key is in the state here: without it the keyring stays locked
            shutil.rmtree(folder / part)
        shutil.copy(EXPORT, folder / "entrees")


def _make_used_folder(folder: Path) -> Path:
    """Make a folder where a flow has run once, with files that commands name."""
    shutil.copy(EXPORT, folder / "export.csv")
    (folder / "refus.txt").write_text(REFUSES)
    (folder / "accords.txt").write_text(REFUSES)
    (folder / "passerelle.toml").write_text(FLOW, encoding="utf-8")
    (folder / "entrees").mkdir()
    shutil.copy(EXPORT, folder / "entrees")
    _run_steps([["run", "passerelle run", 1]], folder)
    return folder


def _run_steps(steps: list[list[object]], folder: Path) -> list[dict[str, object]]:
    """Run all steps in one new process; return the result of each."""
    ran = subprocess.run(
        [sys.executable, Path(__file__).with_name("reader.py")],
        input=json.dumps(steps),
        cwd=folder,
        env={**os.environ, "PASSERELLE_LANG": "fr", "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.fixture(scope="session")
def read(tmp_path_factory):
    """Read a page once: `folder, done = read(page)`."""

    used = _make_used_folder(tmp_path_factory.mktemp("used"))

    @cache
    def once(page: str) -> tuple[Path, list[dict[str, object]]]:
        folder = tmp_path_factory.mktemp("page")
        _prepare(page, folder, used)
        return folder, _run_steps(_list_steps(page), folder)

    return once


@pytest.mark.parametrize("page", RUNNABLE)
def test_commands_end_with_the_exit_code_that_is_said(page, read):
    _, done = read(page)
    expected = [(step[1], step[2]) for step in _list_steps(page) if step[0] == "run"]
    assert [(ran["command"], ran["code"]) for ran in done] == expected, [ran for ran in done if ran["errors"]]


def test_the_row_that_the_page_on_the_quarantine_corrects_is_delivered(read):
    folder, _ = read("docs/quarantaine.md")
    written = "".join(path.read_text("utf-8") for path in (folder / "sorties").glob("*.ndjson"))
    assert written.count("2024-11-04T16:45:00+01:00") == 1


@pytest.mark.parametrize("page", PAGES)
def test_what_is_not_run_says_why(page):
    for block in find_typed_blocks(page):
        if block.order.startswith("not run"):
            assert len(block.order.removeprefix("not run").strip(" :").split()) >= 3
        else:
            known = ("passerelle", "cd", "mkdir", "cp")
            assert [command for command, _ in block.commands if command.split()[0] not in known] == []


def test_both_readmes_show_the_same_commands():
    def typed(page: str) -> list[list[tuple[str, int]]]:
        commands = [block.commands for block in find_typed_blocks(page)]
        return [[(re.sub(r'"[^"]*"', '"…"', command), code) for command, code in some] for some in commands]

    assert typed("README.md") == typed("README.fr.md")


def test_both_readmes_show_the_same_settings():
    first, second = ([block.body for block in find_blocks(page) if block.kind == "toml"] for page in READMES)
    assert first == second
    assert first


def test_pages_that_show_commands_are_run():
    """So that a change of the way blocks are found does not switch all of this off."""
    assert {*READMES, "docs/exploiter.md", "docs/quarantaine.md", "docs/changer-de-logiciel.md"} <= set(RUNNABLE)
    assert sum(step[0] == "run" for page in RUNNABLE for step in _list_steps(page)) >= 50
