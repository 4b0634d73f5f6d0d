"""A tender beside the settings of a workbench, and samples in contract form for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from passerelle.tender import composing, tender_overview
from passerelle.tender.building.writing import build
from passerelle.tender.scoring.examining import BidEntry, score_bid
from passerelle.tender.scoring.reading import HeldSample
from passerelle.tender.trades import get_trade

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SAMPLE = "interaction.ndjson"


def write_sample(count: int, motive: str = "visit", words: Sequence[str] = ("Temoin",)) -> bytes:
    """Write contacts in contract form; each holds one of some words twice."""
    records = (
        {
            "ref": f"s:interaction:{nth}",
            "person_ref": f"s:person:{words[nth % len(words)]}{nth}",
            "occurred_on": f"2026-{7 + nth % 3:02d}-{1 + nth % 28:02d}",
            "channel": {"code": "phone", "system": None, "label": None, "original": None},
            "motives": [{"code": motive, "system": None, "label": None, "original": words[nth % len(words)]}],
        }
        for nth in range(count)
    )
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in records).encode() + b"\n"


def build_tender(folder: Path) -> None:
    """Begin a small tender in a folder, and build it."""
    folder.mkdir()
    choices = composing.BuyerChoices(
        id="2026-01", date="2026-11-21", title="Un logiciel", contracts=("interaction/1",), volumes={"persons": 400}
    )
    (folder / "tender.toml").write_text(composing.compose(get_trade("ccas"), choices, "fr"), "utf-8")
    build(folder)


def keep_bid(folder: Path, bidder: str, content: bytes) -> None:
    """Score a sample, and keep its score beside the tender."""
    entry = BidEntry(samples=[HeldSample(SAMPLE, content)], bidder=bidder, product="Agenda 3")
    scored = score_bid(tender_overview.open_tender(folder).consultation, entry)
    tender_overview.keep_score(folder, scored)
    scored.close()
