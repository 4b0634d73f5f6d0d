"""A folder keeps whole files by name: never over another unless asked, and what is gone is gone."""

from __future__ import annotations

import pytest

from passerelle.stores.deposit_place import DepositFolder, read_beginning


@pytest.fixture
def place(tmp_path):
    return DepositFolder(tmp_path)


def _draft(place, content: bytes):
    path = place.drafts / "x.draft"
    path.write_bytes(content)
    return path


def test_a_name_is_given_once_unless_it_is_replaced(place):
    assert place.put_new(_draft(place, b"first"), "a")
    assert not place.put_new(_draft(place, b"second"), "a")
    with place.open("a") as file:
        assert file.read() == b"first"
    place.replace(_draft(place, b"second"), "a")
    assert place.read_beginnings(["a", "absent"], 3) == [b"sec", b""]


def test_what_is_listed_is_what_is_there(place):
    place.put_new(_draft(place, b"x"), "a")
    (place.folder / "folder").mkdir()
    assert [name for name, _written in place.list_files()] == ["a"]
    place.remove("a")
    place.remove("a")
    place.sweep(0)
    place.close()
    assert (place.has("a"), place.list_files()) == (False, [])
    with pytest.raises(FileNotFoundError):
        place.open("a")
    assert read_beginning(place.folder / "a", 3) == b""
