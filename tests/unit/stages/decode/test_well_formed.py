"""What is wrong with a document of XML, and whether its end shows that it is cut off."""

from __future__ import annotations

from io import BytesIO

import pytest

from passerelle.stages.decode.well_formed import find_fault, is_surely_cut

ROOTS = frozenset({"R", "S"})


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        (b"<R>\n<A>\n", "3", "decode.parcel.cut"),
        (b"<R>\n<A></B>\n</A></R>", "2", "decode.parcel.malformed"),
        (b"<R>\n\n<A>\x01</A></R>", "3", "decode.parcel.flawed"),
        (b"<R>\n<A>a & b</A></R>", "2", "decode.parcel.flawed"),
    ],
)
def test_a_fault_has_its_line_and_its_words(text, line, code):
    found = find_fault(BytesIO(text), ROOTS)
    assert found is not None
    assert (found.code, found.details["line"]) == (code, line)


@pytest.mark.parametrize(
    "text",
    [
        b"<R><A/></R>",
        b"<T><A></T>",  # another root is refused first, in other words
        b"<R>" + b"<A>" * 100 + b"<",  # as is what is too deep
        b"<!DOCTYPE R><R><A></R>",
        b"<R>&nbsp;<A></R>",
        b"<R><x:A/><A></R>",
    ],
)
def test_what_the_exact_reader_may_say_otherwise_is_left_to_it(text):
    assert find_fault(BytesIO(text), ROOTS) is None


@pytest.mark.parametrize(
    ("end", "is_cut"),
    [
        (b"<A>1", True),
        (b"</A>", True),
        (b"</n:A >", True),
        (b"</R>\x00", True),
        (b"</R>\n \r\n", False),
        (b"</n:R\n>", False),
        (b"</S>", False),
        (b"</R><!-- c -->", False),
        (b"<R/>", False),
        ("</é>".encode(), False),  # not looked at
    ],
)
def test_the_end_of_a_document_shows_that_it_is_cut_off(end, is_cut):
    assert is_surely_cut(BytesIO(b"<R>" + b"x" * 300 + end), ROOTS) == is_cut
