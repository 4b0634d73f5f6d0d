"""A tender is begun whole or not at all: what was cut off does not stand in the way of whoever begins it again."""

from __future__ import annotations

import pytest

from passerelle.tender import beginning
from passerelle.tender.beginning import begin_tender
from passerelle.tender.composing import BuyerChoices
from passerelle.tender.trades import get_trade
from passerelle.vocabulary.errors import UsageError

CHOICES = BuyerChoices(
    id="2026-07", date="2026-12-01", title="Télégestion", buyer="CCAS", contracts=("interaction/1",), volumes={}
)


def test_what_was_cut_off_is_begun_again_under_the_same_title(tmp_path, monkeypatch):
    trade = get_trade("ccas")

    def cut(*_words, **_more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(beginning, "build", cut)
        with pytest.raises(KeyboardInterrupt):
            begin_tender(tmp_path, trade, CHOICES, "fr")
    assert list(tmp_path.iterdir()) == []
    name = begin_tender(tmp_path, trade, CHOICES, "fr")
    assert len(list((tmp_path / name).rglob("*.*"))) > 5
    with pytest.raises(UsageError):
        begin_tender(tmp_path, trade, CHOICES, "fr")
    assert [path.name for path in tmp_path.iterdir()] == [name]
