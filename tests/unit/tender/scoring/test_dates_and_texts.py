"""Doubts about dates and texts begin at their bounds: the twelfth of a month, the width of a column."""

from __future__ import annotations

import polars as pl
import pytest

from passerelle.contracts import field_types, get
from passerelle.tender.scoring.plausibility.dates import find_exchanged
from passerelle.tender.scoring.plausibility.sample_frames import LINE, MEMBER, SAMPLE, SampleFrames
from passerelle.tender.scoring.plausibility.texts import find_cut_texts


def gather(contract: str, rows: list[dict[str, str]]) -> SampleFrames:
    """Gather records of one contract, line 1 first."""
    kinds = field_types.list_columns(get(contract))
    frame = pl.DataFrame(rows, schema={name: kinds[name] for name in rows[0]})
    lines = pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).alias(LINE)
    frames = SampleFrames("2027-02-01")
    frames.parts[contract].append(frame.with_columns(pl.lit(0).alias(SAMPLE), pl.lit("").alias(MEMBER), lines))
    return frames


@pytest.mark.parametrize(
    ("month", "day", "lines"),
    [("2026-12", 12, [29, 30]), ("2027-01", 1, [29, 30]), ("2027-01", 13, [])],
)
def test_a_day_is_taken_for_the_month_of_the_sample_as_far_as_there_are_months(month, day, lines):
    usual = [f"{month}-{n % 28 + 1:02d}" for n in range(28)]
    years = month[:4] if day <= 12 else f"{int(month[:4]) - 1}"
    rows = [{"ref": f"s:visit:{n}", "planned_start": f"{one}T08:00:00+01:00"} for n, one in enumerate(usual)]
    rows += [{"ref": f"s:visit:{n}", "planned_start": f"{years}-05-{day:02d}T08:00:00+02:00"} for n in (28, 29)]
    doubts = list(find_exchanged(gather("visit/1", rows)))
    assert [doubt.rows.get_column(LINE).to_list() for doubt in doubts] == ([lines] if lines else [])


@pytest.mark.parametrize(("width", "is_cut"), [(19, False), (20, True), (21, False), (255, True), (257, False)])
def test_texts_are_cut_when_many_end_at_the_width_of_a_column(width, is_cut):
    words = ("sonner", "monter", "attendre", "appeler", "frapper", "revenir", "entrer")
    texts = [" ".join(words[(n * step) % 7] for step in range(1, 60))[:width] for n in range(1, 31)]
    texts = [text if text[-1].isalpha() else text[:-1] + "r" for text in texts]
    rows = [{"ref": f"s:person:{n}", "access_notes": text} for n, text in enumerate(texts)]
    assert [doubt.details["length"] for doubt in find_cut_texts(gather("person/1", rows))] == [str(width)] * is_cut
