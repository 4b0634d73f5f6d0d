"""What the live API keeps: its tokens, who read of whom, what was handed in, and subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.stores.followed_rules import RuleBook
from passerelle.stores.handings import HandingBook
from passerelle.stores.person_readings import ReadingBook
from passerelle.stores.subscriptions import SubscriptionBook
from passerelle.stores.tokens import TokenBook
from passerelle.stores.withheld_records import WithheldBook

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from passerelle.stores.seal import Seal


class ApiStore(TokenBook, ReadingBook, HandingBook, SubscriptionBook, WithheldBook, RuleBook):
    """The store of the API, in the database of the journal. Every method is one transaction."""

    def __init__(self, engine: Engine, seal: Seal) -> None:
        self._engine = engine
        self._seal = seal
