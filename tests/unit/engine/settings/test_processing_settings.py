"""What a settings file may say of a processing, and what counts where it says nothing."""

from __future__ import annotations

from datetime import date

import pytest

from passerelle.contracts.field_meta import Purpose, RecipientKind, Sensitivity
from passerelle.contracts.processing import (
    NARROWEST_RECIPIENT,
    Basis,
    Controller,
    Processing,
    Processor,
    is_outside_union,
)
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.vocabulary.errors import SettingsError

FLOW = """
[flow.visites]
connector = "compani-interventions"
purpose = "{purpose}"
source = {{ kind = "folder", path = "entrees" }}
destination = {{ kind = "folder", path = "sorties" }}
"""
DECLARED = """
[flow.visites.processing]
recipient = { kind = "authority", name = " Département du Nord ", country = "FR", secrecy = "CASF, L. 133-5" }
basis = "public_task"
special_ground = "h"
retention = { recipient_days = 1825, then = "erase" }
informed_on = 2026-01-15
council_consulted_on = "2025-12-10"
"""


@pytest.fixture
def read_flow(tmp_path):
    def read(more="", purpose="effectivity"):
        path = tmp_path / "passerelle.toml"
        path.write_text(FLOW.format(purpose=purpose) + more, encoding="utf-8")
        return load_settings(path).get_flow("visites")

    return read


@pytest.mark.parametrize("purpose", Purpose)
def test_a_flow_that_declares_nothing_counts_as_sent_to_the_narrowest_recipient_of_its_purpose(read_flow, purpose):
    flow = read_flow(purpose=purpose.value)
    assert flow.declare_processing() == Processing.of_purpose(purpose)
    assert flow.declare_processing().recipient.kind is NARROWEST_RECIPIENT[purpose]
    assert (flow.processing.recipient.name, flow.declare_processing().is_declared) == ("", False)


def test_what_is_declared_is_read_with_days_written_either_way(read_flow):
    declared = read_flow(DECLARED).declare_processing()
    assert declared.is_declared
    assert (declared.recipient.kind, declared.recipient.name) == (RecipientKind.AUTHORITY, "Département du Nord")
    assert (declared.basis, declared.special_ground) == (Basis.PUBLIC_TASK, "h")
    assert (declared.retention.recipient_days, declared.retention.then) == (1825, "erase")
    assert (declared.informed_on, declared.council_consulted_on) == (date(2026, 1, 15), date(2025, 12, 10))


def test_the_record_s_own_facts_are_read_and_absent_ones_stay_empty(read_flow):
    declared = read_flow(
        "[flow.visites.processing]\n"
        'reference = "T-07"\nin_use_since = 2025-01-01\njoint_controllers = ["Département"]\n'
        'processors = [{ name = "Hébergeur", country = "FR" }]\nsafeguards = "clauses types"\nnir_text = "décret"\n'
        "retention = { recipient_days = 1825, categories = { special = 730 } }\n"
    ).declare_processing()
    assert (declared.reference, declared.in_use_since) == ("T-07", date(2025, 1, 1))
    assert declared.joint_controllers == ("Département",)
    assert declared.processors == (Processor(name="Hébergeur", country="FR"),)
    assert (declared.safeguards, declared.nir_text) == ("clauses types", "décret")
    assert declared.retention.categories == {Sensitivity.SPECIAL: 730}
    assert Processing.of_purpose(Purpose.BILLING).processors is None
    nobody = read_flow("[flow.visites.processing]\nprocessors = []\njoint_controllers = []\n").declare_processing()
    assert (nobody.processors, nobody.joint_controllers) == ((), ())


def test_the_controller_is_read_without_the_spaces_around_words(tmp_path):
    path = tmp_path / "passerelle.toml"
    path.write_text('[controller]\nname = " Les Lilas "\n', encoding="utf-8")
    assert load_settings(path).controller == Controller(name="Les Lilas")
    path.write_text("", encoding="utf-8")
    assert load_settings(path).controller == Controller()
    path.write_text('[controller]\nnom = "Les Lilas"\n', encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    assert caught.value.problems[0].details["key"] == "controller.nom"


@pytest.mark.parametrize(
    ("country", "is_transfer"), [("FR", False), ("RE", False), ("NO", False), ("US", True), ("CH", True), ("", False)]
)
def test_a_transfer_is_what_leaves_the_economic_area(country, is_transfer):
    assert is_outside_union(country) is is_transfer


def test_a_consultation_that_is_still_to_come_is_none(read_flow):
    declared = read_flow(DECLARED).declare_processing()
    assert declared.has_consulted(date(2025, 12, 10))
    assert not declared.has_consulted(date(2025, 12, 9))
    assert not Processing.of_purpose(Purpose.BILLING).has_consulted(date(2099, 1, 1))


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        ('recipient = { kind = "friend" }', "flow.visites.processing.recipient.kind"),
        ('recipient = { country = "France" }', "flow.visites.processing.recipient.country"),
        ('special_ground = "z"', "flow.visites.processing.special_ground"),
        ('council_consulted_on = "soon"', "flow.visites.processing.council_consulted_on"),
        ("council_consulted_on = 2026-01-15T10:00:00", "flow.visites.processing.council_consulted_on"),
        ("retention = { recipient_days = 0 }", "flow.visites.processing.retention.recipient_days"),
        ("retention = { categories = { health = 30 } }", "flow.visites.processing.retention.categories.health"),
        ('processors = [{ task = "hébergement" }]', "flow.visites.processing.processors.name"),
        ("councl_consulted_on = 2026-01-15", "flow.visites.processing.councl_consulted_on"),
    ],
)
def test_a_mistake_is_told_at_its_key(read_flow, lines, key):
    with pytest.raises(SettingsError) as caught:
        read_flow(f"\n[flow.visites.processing]\n{lines}\n")
    assert [problem.details["key"] for problem in caught.value.problems] == [key]
