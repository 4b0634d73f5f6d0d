"""An element with many children costs what they cost, not their square."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from growth import AS_ITS_SIZE, measure_growth

from passerelle.stages.decode.elements import _iter_rows

if TYPE_CHECKING:
    from collections.abc import Callable


def gather(children: int) -> Callable[[], dict[str, str]]:
    inside = b"".join(b"<c%d>x</c%d>" % (number, number) for number in range(children))
    text = b"<a><b>" + inside + b"</b></a>"
    return lambda: next(iter(_iter_rows(io.BytesIO(text), {("a", "b"): "b"}, {})))[1]


def test_children_of_one_row_are_gathered_in_a_time_that_grows_as_they_do():
    assert measure_growth(gather, 20_000) < AS_ITS_SIZE
    assert len(gather(50_000)()) == 50_000


def test_a_text_never_takes_the_name_of_our_own_column():
    ((_member, cells),) = _iter_rows(io.BytesIO(b"<a><b><_row>x</_row><c>y</c></b></a>"), {("a", "b"): "b"}, {})
    assert cells == {"_row#2": "x", "c": "y"}
