"""What waits on disk while a command runs cannot be read there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import polars as pl
import pytest
from cryptography.exceptions import InvalidTag

from passerelle.switching.sealed_pieces import SealedFrames, SealedPieces

CANARY = "Zyxoline-Quatrebarbes"
FRAME = pl.DataFrame({"nom": [CANARY] * 3, "n": [1, 2, 3]})


def test_what_was_appended_is_read_again(tmp_path):
    frames = SealedFrames(tmp_path)
    places = [frames.append(FRAME), frames.append(FRAME.reverse())]
    assert frames.read(places[1]).equals(FRAME.reverse())
    assert frames.read(places[0]).equals(FRAME)


def test_the_file_has_no_name_and_holds_nothing_in_clear(tmp_path):
    stream = tempfile.TemporaryFile(dir=tmp_path)  # noqa: SIM115  closed below
    pieces = SealedPieces(stream)
    pieces.append(CANARY.encode() * 10)
    assert not list(tmp_path.iterdir())
    stream.seek(0)
    assert CANARY.encode()[:8] not in stream.read()
    stream.close()


def test_a_piece_that_was_moved_does_not_open(tmp_path):
    stream = tempfile.TemporaryFile(dir=tmp_path)  # noqa: SIM115  closed below
    pieces = SealedPieces(stream)
    (number, offset, length), (other, _offset, _length) = pieces.append(b"one"), pieces.append(b"two")
    assert number != other
    with pytest.raises(InvalidTag):
        pieces.read((other, offset, length))
    stream.close()


def test_room_is_freed_when_nobody_holds_the_frames(tmp_path):
    before = len(list(Path(f"/proc/{os.getpid()}/fd").iterdir()))
    frames = SealedFrames(tmp_path)
    frames.append(FRAME)
    assert len(list(Path(f"/proc/{os.getpid()}/fd").iterdir())) == before + 1
    del frames
    assert len(list(Path(f"/proc/{os.getpid()}/fd").iterdir())) == before


def test_frames_that_were_closed_begin_anew(tmp_path):
    frames = SealedFrames(tmp_path)
    frames.append(FRAME)
    frames.close()
    assert frames.read(frames.append(FRAME)).equals(FRAME)
