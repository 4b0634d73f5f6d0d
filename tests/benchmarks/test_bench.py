"""The quick form of the bench: product and plain loop give the same verdicts, whatever the share of bad rows."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import bench
import document_sections
import export
import limits
import measuring
import parts
import sections
import shelves
from page import Results, chart, written

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("rows", "bad"), [(30_000, 0.01), (4_000, 0.2), (2_000, 1.0)])
def test_the_same_rows_are_accepted_and_set_aside_as_by_the_plain_loop(tmp_path, rows, bad):
    (tmp_path / "in").mkdir()
    export.write(tmp_path / "in" / "export.csv", rows, bad=bad)
    quick = measuring.product(tmp_path / "in", tmp_path / "product")
    slow = measuring.plain(tmp_path / "in" / "export.csv", tmp_path / "plain")
    assert measuring.disagreement(tmp_path / "product", tmp_path / "plain") == ""
    assert quick.cpu < 10 * slow.cpu + 30


def test_the_same_seed_gives_the_same_export(tmp_path):
    for name in ("one", "other"):
        export.write(tmp_path / name, 2_000)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_the_plain_loop_refuses_some_rows_and_not_all(tmp_path):
    export.write(tmp_path / "export.csv", 2_000)
    measuring.plain(tmp_path / "export.csv", tmp_path / "plain")
    accepted = (tmp_path / "plain" / "accepted.ndjson").read_text("utf-8").count("\n")
    assert 1_900 < accepted < 2_000


@pytest.fixture(scope="module")
def measured():
    """Return every section in small, and the page of it."""
    options = sections.Options(times=1)
    results = Results(1, delivered=200, known=500, document_size=100_000, wide_columns=60, cores_rows=300)
    results.jobs = {500: sections.the_job(500, options)}
    results.small, results.small_rows = sections.small(100, options), 100
    results.spoilt, results.spoilt_rows = sections.spoilt(200, (1.0,), options), 200
    results.scaling = sections.scaling((100, 400), options)
    results.documents = document_sections.long_documents(100_000, options)
    results.malformed = document_sections.malformed(100_000, options)
    results.shapes = document_sections.real_shapes((10, 30), 2, options)
    results.wide = document_sections.wide(12, 60, options)
    results.messages = document_sections.messages(10, options)
    results.cores = document_sections.cores(300, options, few=1)
    results.delivery = sections.delivery(200, options)
    results.unchanged = sections.unchanged(500)
    results.journalled = sections.staged(500)
    results.recalled = sections.recalled(500, options)
    results.starts = sections.start_up(options)
    results.start_parts = parts.start_parts(100, options)
    results.bad_parts = sections.staged(200, bad=1.0)
    return results


def test_every_section_can_be_measured_and_ends_in_the_page(measured):
    page = written(measured)
    titles = [line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")]
    assert titles == [
        "What it is built to, and what was measured",
        "The whole job",
        "A small file of 100 rows",
        "What a run of 100 rows is made of",
        "More and more rows",
        "300 rows on more and more cores",
        "Worse and worse files of 200 rows",
        "Where the time of 200 bad rows goes",
        "A wide file of twelve rows",
        "Long documents",
        "Long documents that break off",
        "Documents of a real shape",
        "What checking a document is made of",
        "Waiting messages",
        "Delivery, one request a record, four at once",
        "500 rows, then the same again",
        "What the journal costs, 500 rows",
        "Where the time of 500 rows goes",
        "500 known refs, looked up",
        "Start-up",
    ]
    assert chart(measured.jobs[500], 500).count("<rect") == 6


def test_every_limit_stands_beside_its_figure_and_none_is_left_out(measured):
    found = limits.list_limits(measured)
    assert len(found) == 19
    assert [limit.what for limit in found if limit.figure is None] == []
    page = written(measured)
    assert all(f"| {limit.write()} |" in page for limit in found)


def test_a_limit_is_met_at_its_figure_and_missed_above_it():
    said = [limits.Limit("a", 1.4, limits.TIMES, figure).verdict for figure in (1.4, 1.41, None)]
    assert said == ["met", "**missed**", "not measured"]


def test_what_was_kept_of_one_section_is_in_the_page_of_the_next(tmp_path, monkeypatch):
    kept = ("--kept", str(tmp_path / "kept"), "--docs", str(tmp_path))
    monkeypatch.setattr(bench, "_WIDE", (12, 30))
    for name in ("starts", "wide"):
        monkeypatch.setattr(sys, "argv", ["bench.py", "--times", "1", "--only", name, *kept])
        bench.main()
    page = (tmp_path / "performance.md").read_text("utf-8")
    assert "## Start-up" in page
    assert "| 30 | " in page
    monkeypatch.setattr(sys, "argv", ["bench.py", "--times", "2", "--only", "starts", *kept])
    with pytest.raises(SystemExit, match="measured 1 times"):
        bench.main()


def test_too_few_cores_are_said_plainly():
    results = Results(1, cores=document_sections.cores(1, sections.Options(1), few=1_000), cores_rows=1)
    assert "Not measured: it takes 4 cores" in written(results)


def test_what_is_looked_up_in_the_bench_is_checked(tmp_path):
    script = measuring.HERE / "recalling.py"
    measuring.python((script, "learn", tmp_path, "20000"), tmp_path)
    with pytest.raises(RuntimeError, match="not what was learnt"):
        measuring.python((script, "recall", tmp_path, "20001", "as learnt"), tmp_path)


def test_a_run_with_a_shelf_is_measured_beside_one_without_and_one_record_is_found_among_many(tmp_path):
    without, with_one = shelves.measure_job(tmp_path / "job", 500, 1)
    assert min(without.cpu, with_one.cpu) > 0
    looks = shelves.measure_looks(tmp_path / "looks", 1_000)
    assert min(looks["known"], looks["unknown"]) > 0
