"""Whatever the books say, picture, sentence and table say the same, and nothing of the books is left out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.faces.web.blocks import BarChart, DataTable, Paragraph
from passerelle.faces.web.day_charts import draw_days
from passerelle.stores.books import DayBalance
from passerelle.vocabulary.language import set_language
from passerelle.vocabulary.outcomes import Balance, Fate

FIRST = datetime(2026, 11, 1, tzinfo=UTC)
DAYS = 30


@st.composite
def _draw_books(draw):
    fates = draw(st.dictionaries(st.sampled_from(list(Fate)), st.integers(0, 10**9), max_size=8))
    day = (FIRST + timedelta(days=draw(st.integers(0, DAYS - 1)))).date()
    return DayBalance(draw(st.sampled_from(["un", "deux"])), day, Balance(sum(fates.values()), fates))


@pytest.mark.parametrize(("spoken", "day", "mark"), [("fr", "1er mars 2026", "01/03"), ("en", "1 March 2026", "03-01")])
def test_a_day_is_told_as_its_reader_writes_days(spoken, day, mark):
    set_language(spoken)
    chart, table = draw_days("jours", datetime(2026, 3, 1, tzinfo=UTC), [], 1, "Reçus")
    assert chart.days[0].mark == mark
    assert table.rows[0][0].replace("\N{NO-BREAK SPACE}", " ") == day


@settings(max_examples=count_examples(60), deadline=None)
@given(st.lists(_draw_books(), max_size=40), st.booleans())
def test_picture_table_and_books_agree(books, is_folded):
    set_language("fr")
    blocks = draw_days("jours", FIRST, books, DAYS, "Reçus", is_folded=is_folded)
    total = sum((one.balance for one in books), Balance())
    if is_folded and not total.received:
        assert [type(block) for block in blocks] == [Paragraph]
        return
    chart, table = blocks
    assert isinstance(chart, BarChart)
    assert isinstance(table, DataTable)
    assert len(chart.days) == DAYS
    assert sum(bar.received for bar in chart.days) == total.received
    assert sum(bar.delivered for bar in chart.days) == total.fates.get(Fate.DELIVERED, 0)
    assert sum(bar.aside for bar in chart.days) == total.aside
    assert all(bar.known >= 0 for bar in chart.days)
    shown = [row for row in table.rows if row[1]]
    assert shown == [(bar.day, bar.received, bar.delivered, bar.known, bar.aside) for bar in chart.days if bar.received]
    assert len(table.rows) == (len(shown) if is_folded else DAYS)
    numbers = [
        int(re.sub(r"\D", "", text))
        for text in re.findall(r"[\d\N{NARROW NO-BREAK SPACE}]+", chart.summary)
        if text.strip()
    ]
    assert numbers[:3] == [DAYS, total.received, total.fates.get(Fate.DELIVERED, 0)]
