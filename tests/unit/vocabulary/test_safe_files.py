"""One opener: what is written is new, private and whole, and no link leads it elsewhere."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.vocabulary.safe_files import (
    ANYBODY,
    GROUP,
    OWNER,
    append_text,
    open_lock,
    open_new,
    open_nowhere,
    write_whole,
)

WRITERS = [
    lambda path: write_whole(path, b"new"),
    lambda path: write_whole(path, [b"n", memoryview(b"ew")]),
    lambda path: write_whole(path, "new"),
]


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def outside(tmp_path):
    path = tmp_path / "outside" / "theirs.txt"
    path.parent.mkdir()
    path.write_text("theirs")
    return path


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "out"
    path.mkdir()
    return path


@pytest.mark.parametrize("name", ["report.txt", ".report.txt.part"])
@pytest.mark.parametrize("write", WRITERS)
def test_a_planted_link_never_leads_outside(folder, outside, write, name):
    (folder / name).symlink_to(outside)
    write(folder / "report.txt")
    assert outside.read_text() == "theirs"
    assert (folder / "report.txt").read_text() == "new"
    assert not (folder / "report.txt").is_symlink()


@pytest.mark.parametrize("name", ["report.txt", ".report.txt.part"])
def test_a_planted_hard_link_is_not_written_into(folder, outside, name):
    (folder / name).hardlink_to(outside)
    write_whole(folder / "report.txt", b"new")
    assert outside.read_text() == "theirs"


def test_a_link_to_nothing_makes_nothing_there(folder, tmp_path):
    (folder / "report.txt").symlink_to(tmp_path / "not-there")
    write_whole(folder / "report.txt", b"new")
    assert not (tmp_path / "not-there").exists()


def test_a_link_to_itself_is_replaced(folder):
    (folder / "report.txt").symlink_to(folder / "report.txt")
    write_whole(folder / "report.txt", b"new")
    assert (folder / "report.txt").read_bytes() == b"new"


def test_a_device_is_not_replaced_by_a_file(folder):
    os.mkfifo(folder / "pipe")
    (folder / "link").symlink_to(folder / "pipe")
    for name in ("pipe", "link"):
        with pytest.raises(OSError, match="not a file"):
            write_whole(folder / name, b"new")
    assert stat.S_ISFIFO((folder / "pipe").stat().st_mode)
    assert (folder / "link").is_symlink()


def test_a_new_file_is_never_one_that_is_there(folder, outside):
    (folder / "link").symlink_to(outside)
    (folder / "dangling").symlink_to(folder / "nowhere")
    (folder / "file").write_text("theirs")
    for name in ("link", "dangling", "file"):
        with pytest.raises(FileExistsError):
            open_new(folder / name)
    assert not (folder / "nowhere").exists()


def test_a_lock_is_not_taken_through_a_link(folder, outside):
    (folder / "lock").symlink_to(outside)
    with pytest.raises(OSError, match="symbolic"):
        open_lock(folder / "lock")


def test_a_text_is_appended_to_a_private_file_and_never_through_a_link(folder, outside):
    for text in ("one\n", "two\n"):
        append_text(folder / "heads", text)
    assert (folder / "heads").read_text() == "one\ntwo\n"
    assert mode(folder / "heads") & 0o077 == 0
    (folder / "link").symlink_to(outside)
    with pytest.raises(OSError, match="symbolic"):
        append_text(folder / "link", "mine")
    assert outside.read_text() == "theirs"


@given(umask=st.sampled_from([0, 0o002, 0o022, 0o077]), rights=st.sampled_from([OWNER, GROUP, ANYBODY]))
def test_rights_are_never_wider_than_asked(tmp_path_factory, umask, rights):
    path = tmp_path_factory.mktemp("rights") / "file"
    before = os.umask(umask)
    try:
        path.write_text("older")
        path.chmod(0o666)
        write_whole(path, b"new", rights)
    finally:
        os.umask(before)
    assert mode(path) == rights & ~umask


def test_what_fails_leaves_what_was_there_and_no_draft(folder):
    (folder / "report.txt").write_text("before")

    def iter_pieces():
        yield b"half"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_whole(folder / "report.txt", iter_pieces())
    assert [path.name for path in folder.iterdir()] == ["report.txt"]
    assert (folder / "report.txt").read_text() == "before"


def test_bytes_are_written_as_they_are(folder):
    write_whole(folder / "text", "a\nb\r\né")
    assert (folder / "text").read_bytes() == "a\nb\r\né".encode()


def test_a_file_nowhere_has_no_name_and_a_child_can_use_it(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with open_nowhere() as stream:
        subprocess.run([sys.executable, "-c", "print('told', end='')"], stdout=stream, check=True)
        stream.seek(0)
        assert stream.read() == b"told"
        assert list(tmp_path.iterdir()) == []
        if sys.platform == "linux":
            assert str(Path(f"/proc/self/fd/{stream.fileno()}").readlink()).startswith("/memfd:")
