"""What a connector writes, and for whom, follows from what it declares."""

from __future__ import annotations

import pytest

from passerelle.extension.connector_ways import describe_ways, list_ways
from passerelle.extension.loading import list_installed, load_plugins


@pytest.mark.parametrize(
    ("connector", "ways"),
    [
        ("carnet-de-bord-structures-csv", ("read_file", "write_import")),
        ("carnet-de-bord-structures-xlsx", ("read_file",)),
        ("compani-interventions", ("read_file", "write_same")),
        ("esppadom-delivery", ("read_file", "write_exchange")),
        ("tddui-fhir", ("read_file", "write_exchange")),
        ("tddui-cda", ("read_file",)),
        ("tddui-fhir-server", ("read_file", "write_api")),
        ("rdv-solidarites-users", ("read_api", "write_api")),
        ("rdv-solidarites-rdvs-pushed", ("read_file",)),
        ("cnaf-rsa-flux", ("read_file",)),
    ],
)
def test_the_ways_of_a_connector_are_those_that_it_declares(connector, ways):
    _supplier, found, _info = load_plugins().find_connector(connector)
    assert list_ways(found) == ways


def test_every_way_has_its_words():
    plugins = load_plugins([info.name for info in list_installed()])
    connectors = [one for supplier in plugins.suppliers for one in supplier.connectors]
    assert len(connectors) > 40
    assert all(describe_ways(one).count(",") >= len(list_ways(one)) - 1 for one in connectors)
