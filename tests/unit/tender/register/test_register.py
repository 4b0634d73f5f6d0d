"""The draft of the record of processing: true to the settings, and nothing in it that nobody should read."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from lxml import etree, html
from python_calamine import CalamineWorkbook

from passerelle.contracts.catalogue import get
from passerelle.contracts.field_meta import DataSubject, Purpose, RecipientKind, Sensitivity
from passerelle.contracts.release import NEVER, find_release
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.extension.loading import load_plugins
from passerelle.tender.register import forms
from passerelle.tender.register.describing import RegisterWords, count_blanks, list_controller_items, list_items
from passerelle.tender.register.drawing import draw
from passerelle.tender.register.recording import Datum, SupplierMove, draft_register

FLOWS = """
[passerelle]
retention_days = 45

[flow.visites]
connector = "compani-interventions"
purpose = "effectivity"
processing = { recipient = { kind = "payer", name = "Département", country = "FR", secrecy = "CASF, L. 133-5" }, \
basis = "public_task", special_ground = "h", retention = { recipient_days = 1825, then = "erase" }, \
informed_on = 2020-01-15, council_consulted_on = 2020-01-15 }
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
        release = find_release(get(datum.contract), datum.field, Purpose.EFFECTIVITY, RecipientKind.PAYER)
        assert datum.is_sent is (release != NEVER)
    assert "travel_km" in {datum.field for datum in visits.unneeded}
    assert "stamped_start" in {datum.field for datum in visits.of(Sensitivity.SURVEILLANCE)}


def test_what_waits_for_the_works_council_is_said_to_wait_and_not_to_be_useless(tmp_path):
    path = tmp_path / "passerelle.toml"
    path.write_text(FLOWS.replace(", council_consulted_on = 2020-01-15", ""), "utf-8")
    found = draft_register(load_settings(path), load_plugins(["compani"]))
    visits = found.activities[0]
    assert "stamped_start" in {datum.field for datum in visits.awaited}
    assert not {datum.field for datum in visits.awaited} & {datum.field for datum in visits.unneeded}
    assert "stamped_start" not in {datum.field for datum in found.list_unneeded()}
    items = dict(list_items(visits, found, words := RegisterWords("fr")))
    assert "Début horodaté" in items[words("awaited")]
    assert "Début horodaté" not in items[words("unneeded")]


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


def test_how_long_the_recipient_keeps_records_is_said_or_left_to_complete_never_both(register):
    words = RegisterWords("fr")
    kept, unsaid = (dict(list_items(one, register, words))["Conservation"] for one in register.activities)
    assert "Chez le destinataire : 1825 jours." in kept.replace("\u202f", " ").replace("\u00a0", " ")
    assert "compléter" not in kept
    assert "À compléter" in unsaid


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


def test_the_workbook_has_one_sheet_for_each_purpose_and_says_all_of_each_flow_there(register):
    content = forms.write_workbook(register, "fr")
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert book.sheet_names[:4] == ["Responsable", "Activités", "Planification", "Contrôle d'effectivité"]
    assert len(book.sheet_names) == 6
    assert forms.write_workbook(register, "fr") == content
    rows = dict(row[:2] for row in book.get_sheet_by_name("Contrôle d'effectivité").to_python())
    assert "Flux « visites » – Département".replace("« ", "«\u00a0").replace(" »", "\u00a0»") in rows
    items = dict(list_items(register.activities[0], register, RegisterWords("fr")))
    assert {label: rows[label] for label in items} == items


def test_flows_of_one_purpose_share_its_sheet_and_its_section(register):
    one = register.activities[0]
    twins = replace(register, activities=(replace(one, flow="nord"), replace(one, flow="sud")))
    book = CalamineWorkbook.from_filelike(io.BytesIO(forms.write_workbook(twins, "fr")))
    assert len(book.sheet_names) == 5
    page = html.fromstring(forms.write_page(twins, "fr"))
    (section,) = page.iter("section")
    assert [" ".join(title.text.split()) for title in section.iter("h3")] == [
        "Flux « nord » – Département",
        "Flux « sud » – Département",
    ]


def test_names_of_sheets_never_clash():
    taken = {"activités"}
    names = [forms._find_unused_name(name, taken) for name in ("Activités", "a" * 40, "a" * 39)]
    assert len({name.casefold() for name in names}) == 3
    assert max(map(len, names)) <= 31


FULL = """
[controller]
name = "Association Les Lilas"
address = "3 rue des Lilas"
representative = "la directrice"
contact = "accueil@leslilas.example"
dpo = "Mme Durand"
measures = "Postes chiffrés"

[flow.social]
connector = "gaia-social-csv"
purpose = "support"
processing = { recipient = { kind = "processor", name = "Hébergeur", country = "US" }, safeguards = "clauses types", \
basis = "public_task", special_ground = "h", reference = "T-07", in_use_since = 2025-02-01, joint_controllers = [], \
processors = [{ name = "Nuage", task = "hébergement", country = "FR" }], impact_assessment = "AIPD", \
nir_text = "décret 2019-341, art. 2", informed_on = 2025-01-15, \
retention = { recipient_days = 1825, then = "erase", categories = { special = 730 } } }
source = { kind = "folder", path = "entrees" }
destination = { kind = "folder", path = "sorties" }
"""


def _draft(tmp_path, text, moves=()):
    path = tmp_path / "passerelle.toml"
    path.write_text(text, "utf-8")
    return draft_register(load_settings(path), load_plugins(["compani", "gaia-social"]), moves)


def test_what_article_30_asks_is_all_there_once_the_settings_say_it(tmp_path):
    full = _draft(tmp_path, FULL)
    words = RegisterWords("fr")
    items = dict(list_items(full.activities[0], full, words)) | dict(list_controller_items(full, words))
    plain = {label: text.replace("\u00a0", " ").replace("\u202f", " ") for label, text in items.items()}
    assert count_blanks(full, words) == 0
    assert plain["Responsable du traitement"] == "Association Les Lilas\n3 rue des Lilas"
    assert plain["Transferts hors de l'Union"].endswith("US. Garanties (RGPD art. 44 à 49) : clauses types")
    assert plain["Sous-traitants (RGPD art. 28)"] == "Nuage, hébergement, FR"
    assert plain["Responsables conjoints (RGPD art. 26)"] == "Personne"
    assert "730 jours" in plain["Conservation"]
    assert "1825 jours" in plain["Conservation"]
    assert plain["Mise en œuvre et mise à jour"] == "En service depuis le 1er février 2025"


def test_the_nir_is_named_as_such_with_the_text_that_allows_it(tmp_path, register):
    full = _draft(tmp_path, FULL)
    words = RegisterWords("fr")
    items = dict(list_items(full.activities[0], full, words))
    assert "décret 2019-341, art. 2" in items["Numéro de sécurité sociale (NIR)"]
    assert "loi Informatique et Libertés, art. 30" in items["Catégories de données"]
    others = dict(list_items(register.activities[0], register, words))
    assert others["Numéro de sécurité sociale (NIR)"] == "Non lu."
    unsaid = _draft(tmp_path, FULL.replace('nir_text = "décret 2019-341, art. 2", ', ""))
    assert count_blanks(unsaid, words) == 1


def test_numbers_of_professionals_are_theirs_and_a_payer_s_name_makes_nobody_a_subject(register):
    visits = register.activities[0]
    assert DataSubject.WORKER in visits.list_subjects()
    assert DataSubject.ORGANISATION not in visits.list_subjects()
    number = Datum("professional/1", "identifiers", DataSubject.WORKER, Sensitivity.IDENTIFYING, is_sent=True)
    only = replace(visits, data=(number,))
    assert only.list_subjects() == (DataSubject.WORKER,)
    categories = dict(list_items(only, register, RegisterWords("fr")))["Catégories de données"]
    assert categories.startswith("Professionnels")


def test_a_change_of_supplier_is_an_activity_of_its_own(tmp_path):
    move = SupplierMove(
        name="bascule",
        origin="Ancien",
        target="Nouveau",
        connectors=("compani-interventions",),
        contracts=("person/1",),
    )
    moved = _draft(tmp_path, "", [move])
    (one,) = moved.activities
    assert (one.kind, one.purpose, one.supplier) == ("switch", Purpose.PORTABILITY, "Ancien")
    assert {"visit/1", "person/1"} <= set(one.contracts)
    assert all(datum.is_sent for datum in one.data)
    text = forms.write_page(moved, "fr").decode()
    assert "Changement de logiciel" in text
    assert "Nouveau" in text
    assert forms.write_workbook(moved, "fr")


def test_settings_without_flows_give_an_empty_draft(register):
    text = forms.write_page(replace(register, activities=()), "fr").decode()
    assert "ne décrivent aucun flux" in text
