"""What the bench counts of peers: silence is seen where there is some, and only there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import documents
import measuring
import peer_sections
import sections
import silence
from page import Results, written
from silence import Truth, compare, flatten, load, read_records

pytestmark = pytest.mark.slow
PEERS = measuring.HERE.parents[1] / ".venv-peers" / "bin" / "python"
POLARS = "polars.read_json"


def test_cells_keep_their_numbers_as_they_are_written():
    record = load('{"a": 48.10, "b": [{"c": 12345678901234567890}, {"c": null}], "d": true, "e": []}')
    assert dict(flatten(record)) == {"a": "48.10", "b.0.c": "12345678901234567890", "d": "true"}


def test_what_is_changed_missing_lost_and_taken_is_counted_apart():
    texts = ('{"id": 1, "a": 1.50, "b": "x", "c": [{"d": 1}]}', '{"id": 2}', '{"id": 3, "a": 1, "a": 2}')
    told, bent = read_records(['{"id": 1, "a": 1.5, "b": "y"}', '{"id": 3, "a": 2}'], "json")
    whole = [load(text) for text in texts]
    truth = Truth({str(one["id"]): dict(flatten(one)) for one in whole}, frozenset({"3"}))
    found = compare(truth, told, bent)
    assert (found.numbers, found.words, found.missing, found.lost) == (1, 1, 1, 1)
    assert (found.repeated, found.taken, found.cells, found.records) == (1, 1, 5, 3)


def test_a_member_that_is_a_list_in_some_records_only_is_counted():
    lines = ['{"id": 1, "a": {"b": {"c": "1"}}}', '{"id": 2, "a": {"b": [{"c": "1"}, {"c": "2"}]}}']
    assert read_records(lines, "json")[1] == 1
    assert read_records(lines[:1], "json")[1] == 0


def test_a_reader_of_elements_is_compared_by_the_place_of_each_among_its_like(tmp_path):
    (tmp_path / "a.xml").write_text("<R><Personne><A>01</A><B><C>x</C></B><B><C>y</C></B></Personne></R>", "utf-8")
    truth = silence.read_xml_truth(tmp_path / "a.xml")
    assert truth.records == {"0": {"A": "01", "B/C": "x", "B#2/C": "y"}}
    told, _bent = read_records(['{"A": 1, "B": [{"C": "x"}]}'], "xml")
    found = compare(truth, told)
    assert (found.numbers, found.words, found.missing) == (1, 0, 1)


def test_the_odd_document_has_a_status_that_is_twice_only_when_asked(tmp_path):
    documents.write_odd_json(tmp_path / "a.json", 150_000)
    documents.write_odd_json(tmp_path / "b.json", 150_000, twice=True)
    assert silence.read_json_truth(tmp_path / "a.json").repeated == frozenset()
    truth = silence.read_json_truth(tmp_path / "b.json")
    assert truth.repeated == {str(number) for number in range(50, len(truth.records) + 1, 100)} != set()


def test_readers_of_documents_are_measured_and_what_they_change_is_in_the_page(monkeypatch):
    monkeypatch.setattr(peer_sections, "_ODD", 300_000)
    peers, options = peer_sections.DOCUMENT_PEERS, sections.Options(1, PEERS)
    if not PEERS.exists():  # polars is ours, too
        peers, options = {peer_sections.VARIED_JSON: (POLARS,)}, sections.Options(1, Path(sys.executable))
    found = peer_sections.peers_of_documents(100_000, options, peers)
    ours = found["rdvs-varied.json"].readings[sections.PRODUCT]
    assert (ours.silence.numbers, ours.silence.words, ours.silence.missing, ours.silence.lost) == (0, 0, 0, 0)
    assert (ours.twice, ours.cut) == (f"0 of {ours.twice.split()[2]} taken", "refused")
    theirs = found["rdvs-varied.json"].readings[POLARS]
    assert theirs.silence.numbers > 0
    assert theirs.twice.split()[0] == theirs.twice.split()[2] != "0"
    page = written(Results(1, document_peers=found, peer_size=100_000))
    assert "## rdvs-varied.json, read by others" in page
    assert f"| {POLARS} | {theirs.silence.numbers:,} |" in page


def test_bad_rows_that_a_peer_lets_through_are_counted_against_those_of_the_plain_loop():
    peers, options = peer_sections.JOB_PEERS, sections.Options(1, PEERS)
    if not PEERS.exists():
        peers, options = {"polars script": peers["polars script"]}, sections.Options(1, Path(sys.executable))
    found = peer_sections.peers_of_the_job(3_000, options, peers)
    for whole in (found[sections.PRODUCT], found[sections.PLAIN]):
        assert (whole.through, whole.lost) == (0, 0)
        assert whole.bad > 20
    script = found["polars script"]
    assert 0 < script.through < script.bad
    assert script.lost == 0
    page = written(Results(1, peers=found, peer_rows=3_000))
    assert f"| {script.through} of {script.bad} | 0 | kept |" in page
