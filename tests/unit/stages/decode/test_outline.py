"""A document is cut behind whole items, wherever the bytes that were read end."""

from __future__ import annotations

from io import BytesIO

import pytest

from passerelle.stages.decode import outline
from passerelle.stages.decode.outline import Depths, OddDocumentError, Outline

CONTENT = b'{"k": 1, "a": [{"b": "]}\\\\"}, {"b": "\\"[{"}, 3, [4]], "z": [5]}'


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_parts_laid_end_to_end_are_the_list(monkeypatch, size):
    monkeypatch.setattr(outline, "PART", size)
    document = Outline(BytesIO(CONTENT), [("a",)])
    parts = list(document.iter_parts())
    assert b"".join(body for _part, body in parts) == b'{"b": "]}\\\\"}, {"b": "\\"[{"}, 3, [4]'
    assert all(CONTENT[part.start : part.start + part.size] == body for part, body in parts)
    assert bytes(document.around) == b'{"k": 1, "a": [0], "z": [5]}'


def test_a_list_that_stands_twice_is_left_to_the_exact_reader():
    with pytest.raises(OddDocumentError):
        list(Outline(BytesIO(b'{"a": [1], "a": [2]}'), [("a",)]).iter_parts())


def test_the_end_of_a_list_is_told_from_the_end_of_an_item():
    assert Depths().find_cut(b'{"a":[1]},{"b"') == (9, False)
    assert Depths().find_cut(b"{}]}") == (2, True)
