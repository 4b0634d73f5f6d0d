"""A document has the chapters of its trade, and says what it leaves to the administrative documents."""

from __future__ import annotations

import pytest
from lxml import html

from passerelle.documents import web_page
from passerelle.tender import order_file, trades
from passerelle.tender.building.chapters import lay_out_document
from passerelle.tender.composing import BuyerChoices, compose
from passerelle.tender.freezing import freeze

OWN = {"esms": "Numérique en santé", "ccas": "Aides, comptabilité publique", "saad": "Facturation, paie et impayés"}


@pytest.mark.parametrize("trade", sorted(OWN))
def test_a_chapter_that_nothing_asks_for_is_left_out(trade):
    order = order_file.parse(compose(trades.get_trade(trade), BuyerChoices(id="x", date="2027-01-01"), "fr"))
    tender, _ledger = freeze(order, {}, language="fr")
    page = html.fromstring(web_page.write(lay_out_document(tender, order)))
    titles = " | ".join(" ".join(one.text_content().split()) for one in page.iter("h2"))
    assert OWN[trade] in titles
    assert ("Numérique en santé" in titles) is (trade == "esms")
    assert ("Aides, comptabilité publique" in titles) is (trade == "ccas")
    assert "Ce qui relève des pièces administratives" in titles
    for law in page.find_class("law"):
        assert "À faire relire par un juriste" in law.text_content()
