"""Who is refused a page reads what to do next."""

from __future__ import annotations

from http import HTTPStatus

from passerelle.faces.web.blocks import Paragraph
from passerelle.faces.web.refusals import describe_refusal
from passerelle.vocabulary.language import set_language


def test_whoever_may_not_do_something_reads_whom_to_ask():
    set_language("en")
    page = describe_refusal(HTTPStatus.FORBIDDEN)
    said = " ".join(block.text for block in page.blocks if isinstance(block, Paragraph))
    assert "Open the page again" in said
    assert "ask the person who operates" in said
