"""What the settings of a flow do not state, and the lines that would state it."""

from __future__ import annotations

from datetime import date

import pytest

from passerelle.engine.settings.processing_check import find_gaps, name_gaps
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.extension.loading import load_plugins
from passerelle.vocabulary.reasons import REASONS

TODAY = date(2026, 3, 1)
FLOW = """
[flow.visites]
connector = "{connector}"
purpose = "{purpose}"
source = {{ kind = "folder", path = "entrees" }}
destination = {{ kind = "folder", path = "sorties" }}
{more}
"""
WHOLE = """
processing = { recipient = { kind = "payer", name = "Département" }, basis = "public_task", special_ground = "h", \
informed_on = 2026-01-15, council_consulted_on = 2026-01-10, retention = { recipient_days = 10, then = "erase" } }
"""


@pytest.fixture(scope="module")
def plugins():
    return load_plugins(["compani"])


@pytest.fixture
def gaps_of(tmp_path, plugins):
    def find(more="", purpose="effectivity", connector="compani-interventions"):
        path = tmp_path / "passerelle.toml"
        path.write_text(FLOW.format(purpose=purpose, connector=connector, more=more), encoding="utf-8")
        return find_gaps(load_settings(path).get_flow("visites"), plugins, TODAY)

    return find


def test_an_older_flow_lacks_everything_and_each_gap_is_a_reason_with_lines_to_add(gaps_of):
    gaps = gaps_of()
    keys = ["recipient", "basis", "special_ground", "council_consulted_on", "retention", "informed_on"]
    assert name_gaps(gaps) == ", ".join(f"«{key}»" for key in keys), "words of the settings file, in any language"
    assert all(gap.code in REASONS and gap.lines and gap.details["flow"] == "visites" for gap in gaps)
    (traces,) = [gap for gap in gaps if gap.code == "processing.consultation.missing"]
    assert "stamped_start" in traces.details["fields"]
    assert "travel_km" not in traces.details["fields"], "no statement gives a payer the kilometres"


def test_the_lines_that_are_offered_are_valid_and_state_all_that_is_missing(gaps_of, tmp_path):
    lines = [line for gap in gaps_of() for line in gap.lines]
    assert gaps_of("[flow.visites.processing]\n" + "\n".join(lines)) == ()


def test_a_flow_that_states_everything_has_no_gap_and_portability_needs_to_state_nothing(gaps_of):
    assert gaps_of(WHOLE) == ()
    assert gaps_of(purpose="portability") == ()


def test_deliver_extra_without_names_is_told_with_what_to_write(gaps_of):
    (gap,) = gaps_of(f"deliver_extra = true{WHOLE}")
    assert (gap.code, gap.details["purpose"]) == ("processing.extra.unnamed", "effectivity")
    assert name_gaps([gap]) == "«deliver_extra»"
    assert gaps_of(f"{gap.lines[0]}{WHOLE}") == ()


def test_a_connector_that_is_not_installed_is_told_elsewhere(gaps_of):
    assert gaps_of(connector="absent") == ()
