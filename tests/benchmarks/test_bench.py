"""The quick form of the bench: product and plain loop give the same verdicts, whatever the share of bad rows."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import export
import measuring
import sections
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


def test_every_section_can_be_measured_and_ends_in_the_page():
    options = sections.Options(times=1)
    results = Results(1, delivered=200, known=500)
    results.jobs = {500: sections.the_job(500, options)}
    results.small, results.small_rows = sections.small(100, options), 100
    results.spoilt, results.spoilt_rows = sections.spoilt(200, (1.0,), options), 200
    results.scaling = sections.scaling((100, 400), options)
    results.documents = sections.long_documents(100_000, options)
    results.delivery = sections.delivery(200, options)
    results.unchanged = sections.unchanged(500)
    results.journalled = sections.journalled(500)
    results.recalled = sections.recalled(500, options)
    results.starts = sections.start_up(options)
    page = written(results)
    titles = [line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")]
    assert titles == [
        "The whole job",
        "A small file of 100 rows",
        "More and more rows",
        "Worse and worse files of 200 rows",
        "Long documents",
        "Delivery, one request a record, four at once",
        "500 rows, then the same again",
        "What the journal costs, 500 rows",
        "500 known refs, looked up",
        "Start-up",
    ]
    assert chart(results.jobs[500], 500).count("<rect") == 6


def test_what_is_looked_up_in_the_bench_is_checked(tmp_path):
    script = measuring.HERE / "recalling.py"
    measuring.python((script, "learn", tmp_path, "20000"), tmp_path)
    with pytest.raises(RuntimeError, match="not what was learnt"):
        measuring.python((script, "recall", tmp_path, "20001", "as learnt"), tmp_path)
