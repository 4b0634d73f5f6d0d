"""Home care (télégestion): what was planned and what was done."""

from __future__ import annotations

from typing import Literal

from passerelle.contracts.contract import About, Contract, Rule
from passerelle.contracts.fact import Purpose, Sensitivity, Subject, fact
from passerelle.contracts.types import Coded, Instant, LongText, Minutes, Quantity, Urn

_CARE = (Purpose.SUPPORT, Purpose.PLANNING, Purpose.BILLING, Purpose.EFFECTIVITY)
_PAID = (Purpose.BILLING, Purpose.EFFECTIVITY)
