"""A new master key opens everything, the old one nothing, and nothing is delivered again."""

from __future__ import annotations

import pytest
from person_acts import CANARY, PersonHouse

from passerelle.engine.persons.key_changing import replace_master_key
from passerelle.engine.workspace.key_places import NEXT
from passerelle.vocabulary.errors import FatalError, UsageError


@pytest.fixture
def house(tmp_path) -> PersonHouse:
    return PersonHouse.filled(tmp_path)


def test_a_new_key_opens_everything_and_the_old_one_nothing(house):
    before = (house.folder / "etat" / "cle").read_bytes()
    with house.open() as workspace:
        with pytest.raises(UsageError):
            replace_master_key(workspace, why="", who="somebody")
        assert replace_master_key(workspace, why="it was copied", who="somebody").blocks > 0
    assert not (house.folder / "etat" / f"cle{NEXT}").exists()
    assert CANARY.encode() in house.open_all()
    assert house.send_people(f"1;{CANARY};01/02/1950", name="n.csv").balance.fates == {"unchanged": 1}
    with house.open() as workspace:
        assert workspace.journal.verify_audit() == 1
    (house.folder / "etat" / "cle").write_bytes(before)
    with pytest.raises(FatalError) as caught, house.open():
        pass
    assert caught.value.code == "incident.keyring.locked"
