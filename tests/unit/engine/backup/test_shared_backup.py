"""The key of an organisation opens by whichever key of the installation wrapped it, wherever that stands."""

from __future__ import annotations

import itertools

import pytest

from passerelle.engine.backup.shared_backup import _open_wrapped
from passerelle.stores.organisations import WrappedKey, _bind
from passerelle.stores.seal import KEY_BYTES, Seal
from passerelle.vocabulary.errors import FatalError

MASTER = b"m" * KEY_BYTES


@pytest.fixture
def keys(tmp_path):
    """Write three keys of installations, and wrap a key of an organisation by the first."""
    paths = [tmp_path / name for name in "abc"]
    seals = [Seal.from_key_file(path, create=True) for path in paths]
    return paths, WrappedKey("una-35", 1, seals[0].wrap(MASTER, about=_bind("una-35", 1)))


@pytest.mark.parametrize("order", tuple(itertools.permutations(range(3))))
def test_the_key_that_fits_is_found_among_those_that_are_there(keys, tmp_path, order):
    paths, wrapped = keys
    assert _open_wrapped(wrapped, [tmp_path / "absent", *(paths[place] for place in order)]) == MASTER


@pytest.mark.parametrize(("names", "code"), [(("b", "c"), "incident.key.other"), (("absent",), "incident.key.missing")])
def test_without_it_the_fault_says_whether_there_was_any(keys, tmp_path, names, code):
    _paths, wrapped = keys
    with pytest.raises(FatalError) as caught:
        _open_wrapped(wrapped, [tmp_path / name for name in names])
    assert caught.value.code == code
