"""Notices for persons and for professionals: what the matrix lets go, in words, and nothing that nobody declared."""

from __future__ import annotations

import pytest
from lxml import html

from passerelle.contracts import get
from passerelle.contracts.field_meta import DataSubject, Purpose, Sensitivity
from passerelle.documents.plain_page import write_plain_page
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.extension.loading import load_plugins
from passerelle.faces.report.field_values import get_title
from passerelle.faces.report.information_for_persons import write_notice_for_persons
from passerelle.faces.report.information_for_professionals import write_notice_for_professionals
from passerelle.faces.report.information_parts import NoticeSources
from passerelle.tender.register.recording import draft_register
from passerelle.vocabulary.language import set_language

PLUGINS = load_plugins(["compani", "gaia-social"])
FLOW = """
[flow.visites]
connector = "{connector}"
purpose = "{purpose}"
{more}
source = {{ kind = "folder", path = "entrees" }}
destination = {{ kind = "folder", path = "sorties" }}
"""
DECLARED = """
processing = { recipient = { kind = "payer", name = "Département", country = "FR", secrecy = "CASF, L. 133-5" }, \
basis = "public_task", basis_text = "CASF, L. 232-1", special_ground = "h", informed_on = 2025-01-15, \
retention = { recipient_days = 1825, then = "erase" }, professionals_informed_on = 2025-01-15, \
council_consulted_on = 2025-01-10 }
"""
CONTROLLER = '[controller]\nname = "Les Lilas"\ncontact = "accueil@leslilas.example"\ndpo = "Cabinet Dupré"\n'


@pytest.fixture(autouse=True)
def _french():
    set_language("fr")
    yield
    set_language("")


@pytest.fixture
def sources(tmp_path):
    def make(purpose="effectivity", more=DECLARED, connector="compani-interventions", head=CONTROLLER):
        path = tmp_path / "passerelle.toml"
        path.write_text(head + FLOW.format(purpose=purpose, more=more, connector=connector), "utf-8")
        settings = load_settings(path)
        (activity,) = draft_register(settings, PLUGINS).activities
        return NoticeSources(
            flow=settings.flows["visites"], activity=activity, controller=settings.controller, retention_days=90
        )

    return make


def _read(page):
    found = html.fromstring(write_plain_page(page))
    return found, " ".join(" ".join(found.itertext()).split()).replace("\u00a0", " ").replace("\u202f", " ")


def _facts(page):
    return {
        " ".join(label.itertext()).strip(): [line.text for line in label.getnext().iter("span") if line.text]
        for label in page.iter("dt")
    }


def test_persons_read_what_goes_why_to_whom_how_long_and_how_to_say_no(sources):
    page, text = _read(write_notice_for_persons(sources()))
    for word in (
        "Département (financeur)",
        "notre mission d’intérêt public",
        "5 ans",
        "Les Lilas",
        "CNIL",
        "S’opposer",
    ):
        assert word in text, word
    assert "15 janvier 2025" in text
    assert [one for one in page.iter("span") if one.get("class") == "blank"] == []
    for name in ("effectivity", "visit/1", "planned_start", "public_task"):
        assert name not in text


@pytest.mark.parametrize("purpose", [purpose for purpose in Purpose if purpose is not Purpose.PORTABILITY])
def test_what_is_said_to_go_about_professionals_is_what_the_matrix_lets_go(sources, purpose):
    made = sources(purpose.value)
    page, _text = _read(write_notice_for_professionals(made))
    told = " ".join(_facts(page)["Traces du travail (heures, badge, kilomètres)"])
    policy = made.flow.make_release(made.processing.informed_on)
    for datum in made.activity.data:
        contract = get(datum.contract)
        if datum.sensitivity is Sensitivity.SURVEILLANCE and datum.subject is DataSubject.WORKER:
            goes = str(policy.find_releases(contract)[datum.field]) != "never"
            assert (get_title(contract, datum.field) in told) is goes, datum.field


def test_nothing_is_invented_an_empty_declaration_leaves_places_that_are_counted(sources):
    for write in (write_notice_for_persons, write_notice_for_professionals):
        made = write(sources(more="", head=""))
        page, text = _read(made)
        blanks = [one for one in page.iter("span") if one.get("class") == "blank"]
        assert len(blanks) == made.count_blanks() >= 6
        assert {one.text for one in blanks} == {"à compléter"}
        assert "financeur" not in text


def test_traces_that_wait_for_the_works_council_are_named_as_waiting(sources):
    waiting = DECLARED.replace(", council_consulted_on = 2025-01-10", "")
    page, _text = _read(write_notice_for_professionals(sources(more=waiting)))
    facts = _facts(page)
    assert facts["Traces du travail (heures, badge, kilomètres)"] == ["aucune"]
    (held,) = [lines for label, lines in facts.items() if label.startswith("Traces qui attendent")]
    assert "Début horodaté" in " ".join(held)
    assert facts["Comité social et économique (CSE) consulté le"] == ["à compléter"]


@pytest.mark.parametrize("purpose", ["steering", "statistics"])
def test_figures_say_how_large_groups_are_and_that_nobody_is_ranked(sources, purpose):
    figures = DECLARED.replace('"payer"', '"partner"')
    for write in (write_notice_for_persons, write_notice_for_professionals):
        _page, text = _read(write(sources(purpose, figures)))
        assert "5 personnes au moins" in text
        assert "11 quand c’est sensible" in text
    assert "Personne n’est classé" in text
    assert "Aucune ligne ne mène à vous" in text


def test_who_may_object_is_told_as_the_gate_decides_it(sources):
    free = _read(write_notice_for_professionals(sources()))[1]
    assert "vos traces sont vidées" in free
    obliged = DECLARED.replace('"public_task"', '"obligation"')
    assert "pas à cet échange" in _read(write_notice_for_professionals(sources(more=obliged)))[1]
    required = _read(write_notice_for_persons(sources(more=DECLARED + 'consent = "required"\n')))[1]
    assert "rien ne part sans votre accord" in required


def test_the_nir_is_named_and_whether_it_goes(sources):
    partner = DECLARED.replace('"payer"', '"partner"')
    kept = _facts(_read(write_notice_for_persons(sources("support", partner, "gaia-social-csv")))[0])
    assert kept["Votre numéro de sécurité sociale (NIR)"] == ["il ne part pas"]
    itself = DECLARED.replace('"payer"', '"self"').replace('"h",', '"h", nir_text = "décret 2019-341",')
    sent = _facts(_read(write_notice_for_persons(sources("support", itself, "gaia-social-csv")))[0])
    assert sent["Votre numéro de sécurité sociale (NIR)"] == ["il part", "décret 2019-341"]


def test_outside_the_union_the_safeguard_is_named_or_left_to_complete(sources):
    abroad = DECLARED.replace('"FR"', '"US"')
    facts = _facts(_read(write_notice_for_persons(sources(more=abroad)))[0])
    assert facts["Hors de l’Union européenne (US), protégées par"] == ["à compléter"]
    said = abroad.replace('special_ground = "h",', 'special_ground = "h", safeguards = "clauses types",')
    facts = _facts(_read(write_notice_for_persons(sources(more=said)))[0])
    assert facts["Hors de l’Union européenne (US), protégées par"] == ["clauses types"]


def test_both_notices_are_english_for_who_reads_english(sources):
    set_language("en")
    assert "What we do with your data" in _read(write_notice_for_persons(sources()))[1]
    assert "Nobody is ranked" in _read(write_notice_for_professionals(sources()))[1]
