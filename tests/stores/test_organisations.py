"""Keys of organisations: opened by the key of the installation alone, changed with it, destroyed for good."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from passerelle.stores import organisations
from passerelle.stores.database import open_database
from passerelle.stores.seal import KEY_BYTES, Seal
from passerelle.vocabulary.errors import FatalError

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
OWN, OTHER = "una-35", "admr-81"
INSTALLATION, STRANGER = Seal(b"i" * KEY_BYTES), Seal(b"s" * KEY_BYTES)


@pytest.fixture
def engines(copied_postgresql_url):
    pair = {name: open_database(copied_postgresql_url, name) for name in (OWN, OTHER)}
    yield pair
    for engine in pair.values():
        engine.dispose()


def _open(engines, name: str, installation: Seal = INSTALLATION) -> organisations.OrganisationKey:
    return organisations.open_key(engines[name], installation, name, NOW)


def test_a_key_is_made_once_and_is_of_one_organisation(engines):
    assert not organisations.has_organisations(engines[OWN])
    own, other = _open(engines, OWN), _open(engines, OTHER)
    assert (own.is_new, other.is_new) == (True, True)
    assert own.master != other.master
    again = _open(engines, OWN)
    assert (again.master, again.is_new) == (own.master, False)
    assert organisations.count_organisations(engines[OTHER]) == (2, 0)


def test_another_key_of_an_installation_opens_nothing_and_makes_nothing(engines):
    _open(engines, OWN)
    for name in (OWN, OTHER):
        with pytest.raises(FatalError) as caught:
            _open(engines, name, STRANGER)
        assert caught.value.code == "incident.key.other"
    assert not organisations.has_key(engines[OTHER], OTHER)
    assert organisations.is_wrapped_by(engines[OTHER], INSTALLATION)
    assert not organisations.is_wrapped_by(engines[OTHER], STRANGER)


def test_a_key_that_was_destroyed_is_gone_and_who_did_it_is_kept(engines):
    _open(engines, OWN)
    kept = _open(engines, OTHER).master
    organisations.shred_key(engines[OWN], INSTALLATION, OWN, why="fin d'adhésion", who="quelqu'un", now=NOW)
    with pytest.raises(FatalError) as caught:
        _open(engines, OWN)
    assert (caught.value.code, organisations.is_shredded(engines[OWN], OWN)) == ("incident.key.shredded", True)
    assert organisations.read_shredding(engines[OWN], INSTALLATION, OWN) == ("quelqu'un", "fin d'adhésion")
    assert organisations.read_shredding(engines[OTHER], INSTALLATION, OTHER) == ("", "")
    assert (_open(engines, OTHER).master, organisations.is_shredded(engines[OTHER], OTHER)) == (kept, False)
    assert organisations.count_organisations(engines[OTHER]) == (1, 1)


def test_a_new_key_of_the_installation_opens_what_the_old_one_did(engines):
    masters = {name: _open(engines, name).master for name in engines}
    organisations.shred_key(engines[OWN], INSTALLATION, OWN, why="fin", who="q", now=NOW)
    assert organisations.wrap_all_again(engines[OTHER], INSTALLATION, STRANGER) == 1
    assert _open(engines, OTHER, STRANGER).master == masters[OTHER]
    assert organisations.read_shredding(engines[OWN], STRANGER, OWN) == ("q", "fin")
    with pytest.raises(FatalError):
        _open(engines, OTHER)
    with pytest.raises(FatalError):
        organisations.wrap_all_again(engines[OTHER], INSTALLATION, STRANGER)
    assert _open(engines, OTHER, STRANGER).master == masters[OTHER]
