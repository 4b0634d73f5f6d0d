"""What a pack says to people: one of three states in words, French titles, a place to sign, no technical name."""

from __future__ import annotations

import io
import re

import pytest
from docx import Document
from python_calamine import CalamineWorkbook

from passerelle.switching.exit_pack import pack_summary, summary_papers
from passerelle.switching.exit_pack.index_page import render_page
from passerelle.switching.exit_pack.manifest import (
    ConnectorReading,
    ContractHolding,
    PackManifest,
    PackPeriod,
    PackPublisher,
    ReceivedFile,
    ReferenceCount,
)
from passerelle.switching.exit_pack.reason_summaries import SUMMARIES
from passerelle.vocabulary.reasons import REASONS

GONE = "deliver.pack.gone"
HELD = ContractHolding(
    contract="visit/1",
    version="1.0.0",
    title="Intervention réalisée",
    records=12345,
    persons=1400,
    first="2024-05-01",
    last="2024-05-31",
    replaced=0,
    links=(ReferenceCount(field="person_ref", family="person", filled=12345, unresolved=3),),
)


def _make(aside=(), trouble="", **about):
    read = ConnectorReading(
        connector="compani-interventions",
        title="Compani : export des interventions",
        supplier="compani",
        version="1.0",
        received=12400,
        in_contract_form=12345,
        aside=dict(aside),
    )
    file = ReceivedFile(
        flow="visites",
        connector="compani-interventions",
        sha256="ab" * 32,
        size=1_234_567,
        received_at="2026-11-20T04:00:00+00:00",
        name="mai.csv",
        path="" if trouble else "recus/mai.csv",
        trouble=trouble,
    )
    facts = {
        "export_id": "",
        "extracted_at": "2026-11-21T05:00:00+00:00",
        "type": "MASSIF",
        "status": "PARTIAL" if trouble else "COMPLETE",
        "person": "",
        "period": PackPeriod(),
        "publisher": PackPublisher(name="Association <Les Tilleuls>"),
        "software": {"name": "passerelle-social", "version": "0.1.0"},
        "persons": 1400,
        "contracts": (HELD,),
        "connectors": (read,),
        "received": (file,),
        "files": (),
    }
    return PackManifest(**facts | about)


ASIDE = {"translate.row.out_of_scope": 40, "decode.row.too_short": 5, "validate.value.malformed": 10}


@pytest.mark.parametrize(
    ("manifest", "state"),
    [(_make(), "complete"), (_make(aside=ASIDE), "aside"), (_make(aside=ASIDE, trouble=GONE), "partial")],
)
def test_each_form_says_in_words_which_of_the_three_states_it_is(manifest, state):
    assert pack_summary.find_state(manifest) == state
    words = pack_summary.STATES[state]
    page = render_page(manifest, [])
    assert f'<p class="state {state}"><strong>{words}</strong></p>' in page
    told = Document(io.BytesIO(summary_papers.write_document(manifest)))
    assert words in [cell.text for cell in told.tables[0].columns[1].cells]
    book = CalamineWorkbook.from_filelike(io.BytesIO(summary_papers.write_workbook(manifest)))
    assert words in [row[1] for row in book.get_sheet_by_name("Résumé").to_python()]


def test_whoever_hands_over_and_whoever_receives_sign_on_the_page_and_on_the_document():
    page = render_page(_make(), [])
    last = Document(io.BytesIO(summary_papers.write_document(_make()))).tables[-1]
    for words in pack_summary.SIGNERS:
        assert words in page
        assert words in [cell.text for cell in last.rows[0].cells]
    assert [cell.text.strip() for cell in last.rows[1].cells] == ["", ""]
    assert all(cell.text.count("\n") > 2 for cell in last.rows[1].cells)


def test_what_was_set_aside_is_told_by_reason_the_gravest_first():
    told = [
        (one.severity.partition("\u00a0")[0].partition(" ")[0], one.count)
        for one in pack_summary.iter_aside(_make(ASIDE))
    ]
    assert told == [("grave", 5), ("à", 10), ("sans", 40)]
    assert all(
        one.says and "…" not in one.says and one.says[0].isupper() for one in pack_summary.iter_aside(_make(ASIDE))
    )


OF_ROWS = ("decode.", "translate.", "validate.", "gate.", "whole.")


@pytest.mark.parametrize("code", [code for code in REASONS if code.startswith(OF_ROWS)])
def test_a_reason_of_many_rows_reads_as_a_sentence_without_the_details_of_any(code):
    says = pack_summary.explain_in_french(code)
    assert "…" not in says
    assert re.fullmatch(r"[A-ZÀÉÊÎ«].{12,}[^\s(,;:]\.", says)
    assert says.count("(") == says.count(")")
    assert not re.search(
        r"\b(de|contrat|feuille|nom|nature|système|exige) une valeur|valeur est trop (court|long)\b", says
    )


def test_other_words_are_only_kept_for_reasons_that_there_are():
    assert set(SUMMARIES) <= set(REASONS)


def test_people_read_titles_figures_and_days_in_french_and_no_technical_name():
    manifest = _make(aside=ASIDE, trouble=GONE)
    page = re.sub(r"<style>.*?</style>", "", render_page(manifest, []), flags=re.DOTALL)
    text = re.sub(r"<[^>]+>", " ", page)
    document = Document(io.BytesIO(summary_papers.write_document(manifest)))
    paper = "\n".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
    for shown in (text, paper):
        assert "12\u202f345" in shown
        assert "1er\u00a0mai\u00a02024" in shown
        for name in ("visit/1", "compani-interventions", "translate.", "MASSIF", "2026-11-2"):
            assert name not in shown, name
    assert "1,2 Mo" in text
    assert "Association &lt;Les Tilleuls&gt;" in page


def test_the_workbook_holds_counts_as_numbers_and_leaves_out_what_would_be_empty():
    book = CalamineWorkbook.from_filelike(io.BytesIO(summary_papers.write_workbook(_make())))
    assert "Mis de côté" not in book.sheet_names
    rows = book.get_sheet_by_name("Références").to_python()
    assert rows[1] == ["Intervention réalisée", "Personne", 12345.0, 3.0]
    assert summary_papers.write_workbook(_make()) == summary_papers.write_workbook(_make())


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 octets"), (999, "999 octets"), (1000, "1,0 ko"), (250_000_000, "250 Mo")]
)
def test_a_size_is_said_as_people_do(size, words):
    assert pack_summary.write_size(size) == words
