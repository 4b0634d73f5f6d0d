"""Previews of a delivery: what a destination would refuse and what it could not hold, before anything is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from passerelle.edges.destinations.own_answers import Unmapped
    from passerelle.vocabulary.outcomes import Answer
    from passerelle.vocabulary.parcels import Delivery


@dataclass(frozen=True, slots=True)
class DeliveryPreview:
    """Records of a batch, by their index: those without a place in what would be written, and the fields of others."""

    refused: Mapping[int, Answer] = field(default_factory=dict)
    unmapped: Unmapped = field(default_factory=dict)


Preview = Callable[["Delivery"], DeliveryPreview]
"""Previews the delivery of a batch. What the other side says of it is only seen when it is sent."""


def preview_nothing(_delivery: Delivery) -> DeliveryPreview:
    """Return an empty preview: the contract's own form has a place for everything."""
    return DeliveryPreview()
