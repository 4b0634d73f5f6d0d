"""The draft of the record of processing: true to the settings, and nothing in it that nobody should read."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from lxml import etree, html
from python_calamine import CalamineWorkbook

from passerelle.contracts.catalogue import get
from passerelle.contracts.field_meta import Purpose, Sensitivity
from passerelle.engine.settings import load_settings
from passerelle.extension.loading import load_plugins
from passerelle.tender.register import forms
from passerelle.tender.register.describing import RegisterWords
from passerelle.tender.register.drawing import draw
from passerelle.tender.register.recording import draft_register

FLOWS = """
[passerelle]
retention_days = 45

[flow.visites]
connector = "compani-interventions"
purpose = "effectivity"
source = { kind = "folder", path = "/srv/secret-path/entrees" }

[flow.visites.destination]
kind = "api"
base_url = "https://payeur.example/depot"
path = "v"
scheme = "bearer"
token = "env:JETON"

[flow.planning]
connector = "compani-interventions"
purpose = "planning"
consent = "required"
deliver_extra = true
enabled = false
source = { kind = "folder", path = "entrees" }
destination = { kind = "database", url = "base.sqlite3" }
"""


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    path = tmp_path_factory.mktemp("register") / "passerelle.toml"
    path.write_text(FLOWS, "utf-8")
    return draft_register(load_settings(path), load_plugins(["compani"]))


def test_a_flow_carries_what_its_purpose_needs_and_the_rest_is_pointed_out(register):
    visits = register.activities[0]
    for datum in visits.data:
        assert datum.is_sent is get(datum.contract).describe_fields()[datum.field].serves(Purpose.EFFECTIVITY)
    assert "travel_km" in {datum.field for datum in visits.unneeded}
    assert "stamped_start" in {datum.field for datum in visits.of(Sensitivity.SURVEILLANCE)}


def test_a_field_that_serves_no_flow_is_pointed_out_and_one_that_serves_another_is_not(register):
    found = {(datum.contract, datum.field) for datum in register.list_unneeded()}
    sent = {(datum.contract, datum.field) for one in register.activities for datum in one.sent}
    assert ("visit/1", "travel_km") in found
    assert ("visit/1", "recurrence") in {(datum.contract, datum.field) for datum in register.activities[0].unneeded}
    assert ("visit/1", "recurrence") not in found
    assert found & sent == set()


def test_portability_needs_every_field(register, tmp_path):
    text = FLOWS.replace('purpose = "planning"', 'purpose = "portability"')
    (tmp_path / "passerelle.toml").write_text(text, "utf-8")
    found = draft_register(load_settings(tmp_path / "passerelle.toml"), load_plugins(["compani"]))
    assert found.list_unneeded() == ()
    assert found.activities[1].sends_outside


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_says_who_completes_it_under_which_article_and_that_a_lawyer_must_read_it(register, language):
    page = html.fromstring(forms.write_page(register, language))
    text = " ".join("".join(page.itertext()).split())
    assert page.get("lang") == language
    assert {"fr": "RGPD, art. 30", "en": "GDPR, art. 30"}[language] in text
    assert {"fr": "À faire relire par un juriste.", "en": "To be reviewed by a lawyer."}[language] in text
    assert {"fr": "Le responsable du traitement le complète", "en": "The controller completes"}[language] in text
    assert "45" in text
    assert {"fr": "Accord nécessaire", "en": "Agreement needed"}[language] in text
    assert [table for table in page.iter("table") if table.find("caption") is None] == []


def test_nothing_that_opens_a_door_is_printed(register):
    for told in (
        forms.write_page(register, "fr"),
        forms.write_workbook(register, "fr"),
        json.dumps(forms.to_content(register)).encode(),
    ):
        assert b"JETON" not in told
        assert b"secret-path" not in told
        assert b"/depot" not in told


def test_the_map_tells_the_same_as_its_table(register):
    words = RegisterWords("fr")
    drawn = etree.fromstring(draw(register, words))
    texts = [element.text for element in drawn.iter("{http://www.w3.org/2000/svg}text")]
    for one in register.activities:
        row = forms.make_flow_row(one, words)
        assert one.flow in texts
        assert row[4] in texts
    assert drawn.get("role") == "img"
    assert "payeur.example" in drawn.findtext("{http://www.w3.org/2000/svg}desc")


def test_names_in_the_map_cannot_become_markup(register):
    odd = replace(register.activities[0], flow='<b>"&', supplier="A" * 90)
    drawn = etree.fromstring(draw(replace(register, activities=(odd,)), RegisterWords("fr")))
    texts = [element.text for element in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert '<b>"&' in texts
    assert max(map(len, texts)) <= 40


def test_the_workbook_has_one_sheet_for_each_activity_and_one_for_all_fields(register):
    content = forms.write_workbook(register, "fr")
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert "visites" in book.sheet_names
    assert "planning" in book.sheet_names
    assert len(book.sheet_names) == len(register.activities) + 3
    assert forms.write_workbook(register, "fr") == content


def test_sheets_of_flows_with_the_names_of_others_get_their_own(register):
    one = register.activities[0]
    twins = replace(
        register, activities=(replace(one, flow="activités"), replace(one, flow="a" * 40), replace(one, flow="a" * 39))
    )
    names = CalamineWorkbook.from_filelike(io.BytesIO(forms.write_workbook(twins, "fr"))).sheet_names
    assert len({name.casefold() for name in names}) == len(names) == 6


def test_settings_without_flows_give_an_empty_draft(register):
    text = forms.write_page(replace(register, activities=()), "fr").decode()
    assert "ne décrivent aucun flux" in text
