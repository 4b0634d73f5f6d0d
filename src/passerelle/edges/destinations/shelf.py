"""The destination of a flow that only fills its shelf: nothing leaves, and everything is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.vocabulary.outcomes import Answer, Fate

if TYPE_CHECKING:
    from passerelle.vocabulary.parcels import Delivery
    from passerelle.vocabulary.withdrawals import Withdrawal


class ShelfDestination:
    """Takes every record, and writes none: what it took goes on the shelf when the batch is settled."""

    can_withdraw = True

    def deliver(self, delivery: Delivery) -> list[Answer]:
        """Return that each record was delivered."""
        return [Answer(Fate.DELIVERED)] * len(delivery)

    def withdraw(self, withdrawal: Withdrawal) -> list[Answer]:
        """Return that each record is gone."""
        return [Answer(Fate.DELIVERED)] * len(withdrawal)

    def close(self) -> None:
        """Do nothing: nothing was opened."""
