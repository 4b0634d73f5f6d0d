"""What plugins name in their metadata is what they have, and what stays as it is outside does not depend on it."""

from __future__ import annotations

import pytest

from passerelle.extension.loading import list_installed, load_plugins
from passerelle.extension.opaque_references import list_kept

ALL = load_plugins()


@pytest.mark.parametrize("info", list_installed(), ids=lambda info: info.name)
def test_each_of_our_plugins_names_what_it_has(info):
    assert info.can_wait
    own = [name for name, (_supplier, _connector, owner) in ALL.connectors.items() if owner == info]
    assert sorted(info.connectors) == sorted(own)
    assert {*info.suppliers} == {ALL.connectors[name][0].id for name in own}


def test_a_supplier_declares_opaque_its_own_references_alone():
    # So that asking the supplier that a reference names is asking all of them.
    for supplier in ALL.suppliers:
        assert {opening.partition(":")[0] for opening in list_kept(supplier)} <= {supplier.id}
