"""The answer to a request for access: everything of the person, in words, and nothing of anybody else."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise

import pytest
from access_house import JEANNE, OTHERS, SUPPLIER, WORKER, AccessHouse
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples
from lxml import html

from passerelle.contracts.field_meta import DataSubject
from passerelle.contracts.processing import Controller
from passerelle.documents.plain_page import write_plain_page
from passerelle.engine.path.batch_stream import decode_batches
from passerelle.engine.path.plans import get_plan
from passerelle.engine.persons.person_access import PersonAccess, answer_access
from passerelle.engine.persons.person_finding import SoughtPersons, TraceSource
from passerelle.engine.persons.person_records import RecordGatherer, sort_records
from passerelle.extension import toml_files
from passerelle.faces.report.person_access import write_access
from passerelle.faces.report.person_access_content import to_content
from passerelle.faces.report.person_records import count_narratives
from passerelle.stages.translate.translation import translate
from passerelle.stores.consents import Statement
from passerelle.vocabulary.language import set_language

NOW = datetime(2026, 3, 5, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _french():
    set_language("fr")
    yield
    set_language("")


@pytest.fixture(scope="module")
def access(tmp_path_factory):
    house = AccessHouse.filled(tmp_path_factory.mktemp("acces"))
    with house.open() as workspace:
        said = Statement(subject=JEANNE, accepted=False, since=NOW, collected="papier", collected_by="Grimoire")
        workspace.consents.append([said], NOW)
        return answer_access(workspace, JEANNE, why="demande écrite", who="Grimoire")


def _read(access):
    return html.fromstring(write_plain_page(write_access(access)))


def _text(page):
    return " ".join(" ".join(page.itertext()).split())


def test_the_page_is_read_by_a_parser_of_its_own_and_stands_alone(access):
    page = _read(access)
    assert page.get("lang") == "fr"
    assert [one.tag for one in page.iter("script", "link", "img", "iframe", "form")] == []
    levels = [int(one.tag[1]) for one in page.iter("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert [pair for pair in pairwise(levels) if pair[1] > pair[0] + 1] == []
    for card in page.iter("dl"):
        assert [one.tag for one in card] == ["dt", "dd"] * (len(card) // 2)


def test_the_person_reads_their_data_in_words_and_never_a_technical_name(access):
    text = _text(_read(access))
    for word in ("Martin", "1er février 1950", "numéro de sécurité sociale (NIR)", "250025912345678", "A bien dormi"):
        assert word in text.replace("\u00a0", " "), word
    for word in ("Centre de santé", "l’accompagnement de la personne", "2 ans", "CNIL", "Association Les Lilas"):
        assert word.casefold() in text.replace("\u00a0", " ").casefold(), word
    for name in (
        "birth_name",
        "person/1",
        "translate.",
        "planned_start",
        "gens",
        "visites",
        "support",
        "NumberedProfessional",
    ):
        assert name not in text, name


def test_nothing_of_others_is_in_page_or_data_and_what_is_withheld_is_said(access):
    page, content = _text(_read(access)), json.dumps(to_content(access, []), ensure_ascii=False)
    for word in OTHERS:
        assert word not in page
        assert word not in content
    assert "Des données d’autres personnes" in page
    assert "une note sous le secret professionnel" in page
    assert "Comment et par qui vos réponses ont été recueillies" in page
    withheld = {(entry["contract"], entry["field"]): entry["why"] for entry in to_content(access, [])["withheld"]}
    assert withheld["interaction/1", "private_synthesis"] == "reserved"
    assert withheld["related_contact/1", "last_name"] == "others"


def test_empty_places_are_shown_and_counted_and_texts_to_read_too(access):
    page = write_access(access)
    shown = [one for one in _read(access).iter("span") if one.get("class") == "blank"]
    assert len(shown) == page.count_blanks() > 0
    assert count_narratives(access.own_records) == 3


def test_who_is_unknown_is_told_so_plainly_with_their_rights():
    access = _make_access([], is_known=False)
    text = _text(_read(access))
    assert "Nous n’y avons aucune donnée sur vous" in text
    assert "CNIL" in text
    assert "Vos données personnelles" in text
    assert "À qui vont vos données" not in text


def test_a_professional_is_told_of_their_own_data_alone_and_of_what_an_objection_does(tmp_path):
    house = AccessHouse.filled(tmp_path)
    with house.open() as workspace:
        text = _text(_read(answer_access(workspace, WORKER, why="demande écrite", who="moi")))
    assert "Début horodaté" in text
    for title in ("Nom de naissance", "Date de naissance", "vous pouvez refuser"):
        assert title not in text.partition("À qui vont vos données")[2].partition("Ce que vous nous avez dit")[0]
    assert "vos traces sont vidées" in text


def test_the_page_is_english_for_who_reads_english(access):
    set_language("en")
    page = _read(access)
    assert page.get("lang") == "en"
    assert "Your rights" in _text(page)
    assert "1 February 1950" in _text(page).replace("\u00a0", " ")


def _make_access(records, *, is_known=True, asker=DataSubject.PERSON):
    return PersonAccess(
        ref=JEANNE,
        asker=asker,
        made_at=NOW,
        controller=Controller(),
        records=tuple(records),
        transfers=(),
        waiting=(),
        files=(),
        lost_flows=(),
        statements=(),
        acts=(),
        days={"received": 30, "quarantine": 90, "known": 3650},
        is_known=is_known,
    )


@cache
def _supplier(tmp):
    path = tmp / "essai.toml"
    path.write_text(SUPPLIER, "utf-8")
    return toml_files.read_local(path)


def _gather(tmp, files, ref):
    """Return the records of somebody in some files: what a look through the depot gathers."""
    supplier = _supplier(tmp)
    gatherer = RecordGatherer.of(SoughtPersons.of([ref]), ref, {})
    for connector in supplier.connectors:
        if connector.id in files:
            plan = get_plan(supplier.id, connector)
            content = io.BytesIO("\n".join(files[connector.id]).encode())
            for batch in decode_batches(content, connector.dialect):
                keep = frozenset(part.name for entry in plan.tables for part in entry.fields)
                translation = translate(batch.table, plan, keep=keep)
                source = TraceSource(flow=connector.id, digest=connector.id, received_at=NOW)
                gatherer.observe(source, plan, batch, translation)
    return sort_records(gatherer.records.values())


WORDS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8)
DAYS = st.sampled_from(["01/02/1950", "99/99/1950", "", "x"])
TIMES = st.sampled_from(["03/03/2026 09:00", "99/99/2026 09:00", ""])


@settings(max_examples=count_examples(40), deadline=None)
@given(data=st.data())
def test_whatever_rows_hold_no_word_of_another_person_or_professional_is_answered(data, tmp_path_factory):
    """Canaries in every cell that is not the asker's; wrong days and times, so that rows are set aside as well."""
    count = data.draw(st.integers(1, 5))
    people, visits, talks = [], [], []
    for number in range(count):
        who = data.draw(st.sampled_from(["1", "2"]))
        secret = f"CANARI{data.draw(WORDS)}CANARI"
        name = data.draw(WORDS) if who == "1" else secret
        people.append(f"{who};{name};{data.draw(DAYS)};{secret};;{data.draw(st.sampled_from(['', secret]))};{secret}")
        note = data.draw(WORDS) if who == "1" else secret
        visits.append(f"{number};{who};{secret};{data.draw(TIMES)};{data.draw(TIMES)};{note};{secret}")
        talks.append(f"{number};{who};{secret};T;{secret};{note};{secret}")
    files = {
        "gens": ["id;nom;naissance;referent;nir;contact;contact_nom", *people],
        "visites": ["no;personne;agent;prevu;badge;note;libre", *visits],
        "entretiens": ["no;personne;agent;canal;avec;resume;secret", *talks],
    }
    access = _make_access(_gather(tmp_path_factory.getbasetemp(), files, JEANNE))
    assert "CANARI" not in write_plain_page(write_access(access))
    assert "CANARI" not in json.dumps(to_content(access, []), ensure_ascii=False)


def test_a_professional_reads_no_word_of_a_person(tmp_path):
    files = {
        "visites": [
            "no;personne;agent;prevu;badge;note;libre",
            "10;CANARI;p1;03/03/2026 09:00;03/03/2026 09:07;CANARI;CANARI",
        ]
    }
    access = _make_access(_gather(tmp_path, files, WORKER), asker=DataSubject.WORKER)
    page = write_plain_page(write_access(access))
    assert "CANARI" not in page
    assert "9 h 07" in page.replace("\u00a0", " ")
    assert "Des données de personnes accompagnées" in page
