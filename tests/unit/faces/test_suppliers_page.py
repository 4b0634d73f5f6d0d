"""The page of suppliers: direction, count_covered_fields and grade come from the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from passerelle.extension.loading import list_installed, load_plugins
from passerelle.faces.suppliers_page import (
    SUPPLIERS_PAGE,
    count_covered_fields,
    format_directions,
    write_suppliers_page,
)

DOCS = Path(__file__).parents[3] / "docs"
NAME, ID = "generic-telegestion", "generic-telegestion-visits"


def test_coverage_counts_the_fields_that_a_connector_fills():
    _supplier, connector, _info = load_plugins([NAME]).find_connector(ID)
    ((contract, (filled, every)),) = count_covered_fields(connector).items()
    assert (contract, filled) == ("visit/1", len(connector.tables[0].fields))
    assert filled < every
    assert format_directions(connector) == "lit, réécrit les mêmes colonnes (aucun import de l'éditeur n'est connu)"


@pytest.mark.slow
def test_the_page_says_of_the_worked_example_what_the_code_says():
    page = write_suppliers_page(info for info in list_installed() if info.name == NAME)
    line = page.splitlines()[-1]
    assert "| or |" in line
    assert line in (DOCS / SUPPLIERS_PAGE).read_text("utf-8").splitlines(), "run `make pages`"
