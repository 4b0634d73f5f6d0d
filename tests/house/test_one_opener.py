"""Whatever is written goes through one opener, which follows no link and gives nobody else a look."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "passerelle"
OPENER = SOURCE / "vocabulary" / "safe_files.py"
ALLOWED = {
    "vocabulary/failpoints.py: open": "a log of tests, named by whoever runs them",
    "testing/watcher.py: os.fdopen": "standard output, that the process was given",
    "engine/backup/backup_writing.py: open": "an archive over a stream that the opener made",
    "stores/database_copy.py: os.open": "only so that a copy which SQLite wrote reaches the disk",
}
"""File and call → why it needs no opener."""
_WRITES = ("write_text", "write_bytes", "touch", "copyfile", "copy", "copy2", "copytree", "move")
_OF_MODULES = {"copyfile", "copy", "copy2", "copytree", "move"}
_FORMS = {"forms", "sections", "self", "formatter"}
"""Ours: their `write_text` returns a text."""
_OPENS = {"os.open", "os.fdopen", "io.open", "os.mkfifo"}


def find_writes(text: str) -> set[str]:
    """Return the calls that may create or change a file."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        whole = ast.unparse(node.func)
        is_ours = name == "write_text" and whole.rpartition(".")[0] in _FORMS
        if name in _WRITES and not is_ours and (name not in _OF_MODULES or whole.startswith("shutil.")):
            found.add(name)
        if whole in _OPENS or (name == "open" and _may_write(node, is_method=whole != "open")):
            found.add(whole if whole in _OPENS else name)
    return found


def _may_write(node: ast.Call, *, is_method: bool) -> bool:
    place = 0 if is_method else 1
    given = [entry.value for entry in node.keywords if entry.arg == "mode"] or node.args[place : place + 1]
    return any(
        isinstance(mode, ast.Constant) and set(str(mode.value)) & set("wax+") and len(str(mode.value)) < 4
        for mode in given
    )


@pytest.mark.parametrize(
    "line",
    [
        'open("x", "w")',
        'path.open("ab")',
        'path.open(mode="x")',
        'open(file, mode="r+")',
        'path.write_text("x", encoding="utf-8")',
        "path.write_bytes(b'x')",
        "path.touch()",
        "shutil.copyfile(a, b)",
        "os.open(path, os.O_CREAT)",
    ],
)
def test_each_way_to_write_is_seen(line):
    assert find_writes(line)


@pytest.mark.parametrize("line", ['open("x")', 'path.open("rb")', "archive.open(name)", "forms.write_text(answer)"])
def test_reading_is_no_writing(line):
    assert not find_writes(line)


def test_everything_written_goes_through_one_opener():
    found = {
        f"{path.relative_to(SOURCE).as_posix()}: {call}"
        for path in SOURCE.rglob("*.py")
        if path != OPENER
        for call in find_writes(path.read_text("utf-8"))
    }
    assert found - set(ALLOWED) == set(), "open it with passerelle.vocabulary.safe_files"


TEMPORARY = {
    "vocabulary/safe_files.py": "a file without a name, for what a child process reads",
    "switching/exit_pack/record_spool.py": "sealed",
    "switching/run/batch_spool.py": "sealed",
    "switching/sealed_pieces.py": "sealed",
    "engine/health/place_trials.py": "nothing: that it can be made is all that is asked",
    "engine/health/depot_trials.py": "bytes by chance, which mean nothing",
    "engine/health/flow_trials.py": "a journal without any record, which is sealed",
    "engine/rehearsal/rehearsing.py": "a copy of the journal, which is sealed",
    "tender/scoring/trail.py": "numbers of lines, and no value",
    "tender/building/kit.py": "invented examples",
    "faces/cli/plugins/trial.py": "a description, before anything is written where it was asked for",
    "engine/backup/backup_check.py": "a copy of a state, sealed, and of its keys, in a folder for its owner alone",
    "engine/backup/restoring.py": "what a backup holds, sealed, in a folder for its owner alone",
    "engine/backup/shared_backup.py": "a copy of a keyring, sealed, and of a key, in a folder for its owner alone",
    "testing/playback.py": "an invented secret",
    "switching/prove/dossier_verifying.py": "sealed snapshots",
    "faces/cli/switch/compare.py": "sealed snapshots and rows, findings without values",
    "faces/cli/switch/prove.py": "sealed snapshots and rows, findings without values",
    "faces/cli/switch/plan.py": "sealed snapshots",
    "faces/web/switch_pages.py": "decisions about fields, in a folder for its owner alone: no record is in them",
    "faces/web/tender_score_pages.py": "a bidder's answers to requirements, in a folder for its owner alone: no record",
    "switching/change_acts.py": "sealed snapshots and rows, findings without values",
}
"""Who makes temporary files → why nobody else can read what is in them."""


def test_every_temporary_file_is_accounted_for():
    found = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if any(
            isinstance(node, ast.Import | ast.ImportFrom)
            and "tempfile" in {getattr(node, "module", ""), *(entry.name for entry in node.names)}
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
        )
    }
    assert found == set(TEMPORARY)
