"""Freezes a buyer's order into a tender: every requirement numbered, every contract pinned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from passerelle.tender.consultation import Consultation, TenderVolume, WiredSystem, pin
from passerelle.tender.deriving import derive
from passerelle.tender.numbering import number_requirements
from passerelle.tender.questions import iter_hand_written
from passerelle.tender.requirement import BilingualText, Level, Measure, Proof, Requirement
from passerelle.vocabulary.formatting import typeset

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.tender.order import TenderOrder


def freeze(
    order: TenderOrder, numbers: Mapping[str, str], *, language: Literal["fr", "en"], date: str = ""
) -> tuple[Consultation, dict[str, str]]:
    """Return the frozen tender of an order and the ledger of numbers.

    `date` stands in for the order's own.
    """
    requirements, ledger = number_requirements(_iter_drafts(order), numbers)
    heading = order.tender
    consultation = Consultation(
        id=heading.id,
        title=typeset(heading.title),
        buyer=heading.buyer,
        date=date or heading.date,
        language=language,
        trade=heading.trade,
        contracts=tuple(pin(one) for one in order.contract),
        purposes=heading.purposes,
        systems=tuple(WiredSystem(**wired.model_dump()) for wired in order.system),
        volumes=tuple(TenderVolume(what, count) for what, count in order.volumes.items()),
        weights=order.weights.model_dump(),
        requirements=requirements,
        plausibility=dict(order.plausibility),
        four_eyes=order.findings.four_eyes,
        price_years=order.prices.years,
        price_options=order.prices.options,
    )
    return consultation, ledger


def _iter_drafts(order: TenderOrder) -> Iterator[Requirement]:
    for contract, choice in order.contract.items():
        yield from derive(contract, choice, order)
    weights, leaving = order.weights.model_dump(), order.reversibility
    figures = {
        "delay_days": str(leaving.delay_days),
        "retrieval_days": str(leaving.retrieval_days),
        "rehearsals": str(leaving.rehearsals_per_year),
    }
    # Contracts first: numbers follow the order of the grid.
    yield from iter_hand_written(order.tender.trade, order.levels, weights, figures)
    for own in order.requirement:
        # The buyer's own words are in one language.
        title, text, evidence = (BilingualText(one, one) for one in (own.title, own.text, own.evidence))
        yield Requirement(
            id="",
            key=f"{own.chapter}/own/{own.name}",
            level=Level(own.level),
            chapter=own.chapter,
            domain="operation",
            measure=Measure.ANSWER,
            weight=weights[own.level],
            proof=Proof.DOCUMENT,
            title=title,
            statement=text,
            evidence=evidence,
        )
