"""The text of a handle holds its pseudonym and nothing that reads like anything."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.vocabulary.handle_texts import is_handle_text, read_handle_text, write_handle_texts


def _write(*tags: bytes) -> list[str]:
    rows = np.frombuffer(b"".join(tags), dtype=np.uint8).reshape(-1, 16)
    return write_handle_texts(rows).to_list()


@given(st.lists(st.binary(min_size=16, max_size=16), unique=True, max_size=20))
def test_each_pseudonym_has_a_text_of_its_own_in_order(tags: list[bytes]) -> None:
    texts = _write(*tags)
    assert len(set(texts)) == len(tags)
    assert texts == [_write(tag)[0] for tag in tags]
    assert all(map(is_handle_text, texts))


def test_a_text_is_its_hexadecimal_in_consonants() -> None:
    assert _write(bytes(range(0, 256, 16))) == ["bbcbdbfbgbhbjbkbmbnbpbqbrbsbtbvb"]


def test_an_id_of_a_supplier_is_no_handle() -> None:
    for local in ("", "41", "66f0b1d2c3b4a59687760011", "b" * 31, "b" * 33, "B" * 32, "a" * 32):
        assert not is_handle_text(local)


def test_a_text_is_read_back_as_the_pseudonym_it_was_written_from_and_no_other_text_is() -> None:
    tag = bytes(range(16))
    text = write_handle_texts(np.frombuffer(tag, dtype=np.uint8).reshape(1, 16))[0]
    assert read_handle_text(text) == tag
    with pytest.raises(ValueError, match=r"^$"):
        read_handle_text(text[:-1])
