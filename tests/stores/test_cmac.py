"""AES-CMAC of many texts: the published vectors, at every boundary of a block, whatever stands beside."""

from __future__ import annotations

import numpy as np
import pytest

from passerelle.stores.cmac import SIZE, compute_tags, open_tag

KEY = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
MESSAGE = bytes.fromhex(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)
VECTORS = {
    0: "bb1d6929e95937287fa37d129b756746",
    16: "070a16b46b4d4144f79bdd9dd04a287c",
    40: "dfa66747de9ae63030ca32611497c827",
    64: "51f0bebf7e3b9d92fc49741779363cfe",
}
"""RFC 4493, section 4: bytes of the message, and the tag."""


def _compute(*texts: bytes) -> list[str]:
    tags = compute_tags(KEY, b"".join(texts), np.array([len(text) for text in texts], dtype=np.int64))
    assert tags.shape == (len(texts), SIZE)
    return [row.tobytes().hex() for row in tags]


@pytest.mark.parametrize(("size", "tag"), VECTORS.items())
def test_the_tags_of_the_standard_are_computed(size, tag):
    assert _compute(MESSAGE[:size]) == [tag]


def test_texts_computed_together_get_the_tags_that_each_gets_alone():
    texts = [MESSAGE[:size] for size in (40, 0, 64, 16, 0, 1, 15, 17)]
    assert _compute(*texts) == [tag for text in texts for tag in _compute(text)]


def test_no_texts_get_no_tags():
    assert _compute() == []


def test_a_text_is_not_taken_for_one_that_is_padded_like_it():
    cut, padded = MESSAGE[:15], MESSAGE[:15] + b"\x80"
    assert len(set(_compute(cut, padded))) == 2


def test_the_tag_of_one_whole_block_opens_and_that_of_any_other_text_does_not():
    for text in (MESSAGE[:16], MESSAGE[16:32], bytes(16)):
        assert open_tag(KEY, bytes.fromhex(_compute(text)[0])) == text
    assert open_tag(KEY, bytes.fromhex(VECTORS[40])) not in MESSAGE
    assert open_tag(KEY, bytes.fromhex(VECTORS[0])) != MESSAGE[:16]
