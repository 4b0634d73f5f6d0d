"""What an element holds, as cells by path."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

from passerelle.stages.decode.gathering import ElementGatherer, LocalNames


def test_attributes_texts_and_repeated_elements_are_cells_the_second_time_as_the_first():
    gatherer = ElementGatherer(LocalNames())
    for _time in range(2):
        cells: dict[str, str | None] = {}
        gatherer.gather(fromstring('<r k="1">t<a>x</a><a><b/></a><_row>y</_row></r>'), "", cells)  # noqa: S314  ours
        assert cells == {"@k": "1", ".": "t", "a": "x", "a#2/b": "", "_row#2": "y"}
