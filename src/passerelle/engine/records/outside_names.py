"""What a parcel is called outside: in names of files, in provenance, in the table of last batches.

The digest of what was received would tell each recipient that something changed which it may not have, and would be
the same for two recipients, whose handles it would link. So a name is a keyed pseudonym of the flow and of the
turn in which a parcel is first delivered there. It is written down before anything leaves under it: what a killed
process delivered comes again under the same name.
"""

from __future__ import annotations

import secrets
from dataclasses import field
from typing import TYPE_CHECKING

from passerelle.stores.outside_book import NamedParcel
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.parcels import shorten_key
from passerelle.vocabulary.ports import FilingDestination

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from passerelle.stores.journal import Journal
    from passerelle.stores.seal import Seal
    from passerelle.vocabulary.parcels import Parcel
    from passerelle.vocabulary.ports import Destination


@dataclass(slots=True, kw_only=True)
class OutsideNames:
    """Names the parcels of one flow towards its recipient."""

    flow: str
    journal: Journal
    seal: Seal
    _destination: Destination | None = None
    _taken: Collection[str] | None = None
    """Short names that stand at the destination; None until they are needed."""
    _drawn: dict[str, NamedParcel] = field(default_factory=dict)
    """By key: names for this delivery, of which those that nothing leaves under are drawn again."""
    _kept: dict[str, str] = field(default_factory=dict)

    def begin(self, destination: Destination) -> None:
        """Begin another delivery: what was named and not delivered has taken no turn."""
        self._drawn.clear()
        self._destination = destination

    def find(self, parcel: Parcel) -> str:
        """Return the name of a parcel; a new one counts from `keep` on."""
        if name := parcel.outside or self._kept.get(parcel.key, ""):
            return name
        if parcel.key not in self._drawn:
            self._drawn[parcel.key] = self._draw(parcel)
        return self._drawn[parcel.key].name

    def keep(self, parcels: Iterable[Parcel]) -> None:
        """Write down the names under which something is about to leave."""
        # `find` again: whoever delivers without having asked for names gets them here.
        fresh = {parcel.key: self.find(parcel) for parcel in parcels if not parcel.outside}
        wanted = [self._drawn[key] for key in fresh if key not in self._kept]
        if wanted:
            self.journal.name_parcels(self.flow, wanted)
            self._kept.update((one.key, one.name) for one in wanted)

    def _draw(self, parcel: Parcel) -> NamedParcel:
        last = max((one.turn for one in self._drawn.values()), default=0) or self.journal.find_last_turn(self.flow)
        turn = last + 1
        name = self._make_name(parcel, turn, "")
        # A state that was begun anew, or put back from a copy, counts the same turns again; what stands there under
        # such a name is another parcel's, which somebody may not have read yet.
        while shorten_key(name) in self._list_taken():
            name = self._make_name(parcel, turn, secrets.token_hex(8))
        return NamedParcel(parcel.key, turn, name)

    def _make_name(self, parcel: Parcel, turn: int, salt: str) -> str:
        # The day makes the turns of such a state others from the next day on, also where nothing stands any more.
        text = f"{self.flow}/{parcel.received_at.date().isoformat()}/{turn}/{salt}"
        return self.seal.compute_mac("parcel", text.encode()).hex()

    def _list_taken(self) -> Collection[str]:
        if self._taken is None:
            there = self._destination
            self._taken = there.list_parcel_names(self.flow) if isinstance(there, FilingDestination) else ()
        return self._taken
