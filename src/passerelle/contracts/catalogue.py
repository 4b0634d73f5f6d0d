"""Every contract, by id."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.contracts import home_care  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.contracts.contract import Contract

_CONTRACTS: tuple[type[Contract], ...] = ()


def catalogue() -> Mapping[str, type[Contract]]:
    """Give every contract by id (`visit/1`), in the order of the documentation."""
    return MappingProxyType({contract.about.id: contract for contract in _CONTRACTS})


def get(contract_id: str) -> type[Contract]:
    """Give one contract. Raises KeyError when there is none of that id."""
    return catalogue()[contract_id]
