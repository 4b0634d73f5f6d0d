"""What may be wrong without being against the contract: control keys of numbers, codes that no list has."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from passerelle import nomenclatures
from passerelle.contracts import identifiers
from passerelle.contracts.types import Coded, Identifier
from passerelle.stages.validate import wording
from passerelle.stages.validate.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.stages.validate.node import Node

