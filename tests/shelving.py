"""A shelf in a folder, what is put on it, and readers that follow it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from passerelle.stores.database import open_database
from passerelle.stores.journal import Journal
from passerelle.stores.keyring import Keyring
from passerelle.stores.seal import Seal
from passerelle.stores.settlement import ShelfEntries
from passerelle.stores.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Engine

    from passerelle.vocabulary.shelf import RemovalCause, ShelfScope

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
FLOW, CONTRACT = "visites", "visit/1"


@dataclass
class ShelfRoom:
    """A journal with its keyring and shelf; `reopen` is what a process finds that starts after another died."""

    url: str
    folder: Path
    engine: Engine = field(init=False)
    seal: Seal = field(init=False)
    shelf: Shelf = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._open()

    def _open(self) -> None:
        self.engine = open_database(self.url)
        bare = Seal.from_key_file(self.folder / "key", create=True)
        self.seal = bare.attach(Keyring.open(self.folder / "keys", bare.derive_keyring_key(), create=True))
        Journal(self.engine, self.seal)
        self.shelf = Shelf(self.engine, self.seal)

    def close(self) -> None:
        self.engine.dispose()
        assert self.seal.keyring is not None
        self.seal.keyring.close()

    def reopen(self) -> None:
        self.close()
        self._open()

    def make(
        self,
        records: Mapping[str, bytes] | Sequence[str],
        version: int = 1,
        *,
        contract: str = CONTRACT,
        cause: RemovalCause | None = None,
        purpose: str = "planning",
    ) -> ShelfEntries:
        """Make entries: records by ref, or refs that are removed."""
        refs = list(records)
        keys = b"".join(self.seal.pseudonymise_each("ref", refs))
        contents = [records[ref] for ref in refs] if not isinstance(records, list) else []
        return ShelfEntries(contract, purpose, keys, refs, [version] * len(refs), contents, cause)

    def put(self, records: Mapping[str, bytes] | Sequence[str], version: int = 1, **how: object) -> None:
        now = how.pop("now", NOW)
        flow = how.pop("flow", FLOW)
        self.shelf.put(flow, [self.make(records, version, **how)], now)

    @property
    def scope(self) -> ShelfScope:
        (scope,) = self.shelf.list_scopes(CONTRACT)
        return scope


@dataclass
class Reader:
    """Follows one scope: what it has is what it read."""

    shelf: Shelf
    scope: ShelfScope
    cursor: int = 0
    begun: int = 0
    has: dict[str, bytes] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)

    def read(self, limit: int) -> int:
        """Read one page; return how much it held."""
        if not self.cursor:
            own = [one for one in self.shelf.list_scopes(self.scope.contract) if one.flow == self.scope.flow]
            self.begun = own[0].last
        page = self.shelf.read_changes(self.scope, self.cursor, limit, begun=self.begun)
        for change in page:
            self.numbers.append(change.number)
            if change.record is None:
                self.has.pop(change.ref, None)
            else:
                self.has[change.ref] = change.record
        if page:
            self.cursor = page[-1].number
        return len(page)

    def restart(self) -> None:
        """Drop everything, as a reader does that was away for too long."""
        self.cursor, self.begun, self.has, self.numbers = 0, 0, {}, []

    def finish(self, limit: int = 7) -> dict[str, bytes]:
        """Read to the end, and return what it has."""
        while self.read(limit):
            pass
        assert self.numbers == sorted(set(self.numbers))
        return self.has
