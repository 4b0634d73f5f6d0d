"""A supplier, described once, as data, in both directions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from datetime import timedelta  # noqa: TC003  evaluated where connectors are described in TOML
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from passerelle.edges.destinations.response_rules import ResponseRules
from passerelle.stages.translate.systems import name_system
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from pydantic import BaseModel

    from passerelle.extension.writing import WholeRow, Writing
    from passerelle.stages.decode.dialects import Dialect
    from passerelle.stages.translate.converter import Converter
    from passerelle.stages.translate.table import OutOfScope, Table
    from passerelle.vocabulary.ports import Client


Absence = Literal["hold", "keep", "empty"]
"""What is done about columns that earlier parcels had and one lacks: ask, leave the fields as they are, empty them."""


@dataclass(frozen=True, slots=True)
class Page:
    """What `collect` yields: the bytes of one answer, and the cursor to go on from once it is registered."""

    content: bytes
    cursor: str = ""
    """Opaque to the core, kept in the journal; never personal data. With `Connector.overlap`: a moment or a number."""
    name: str = ""
    ids: tuple[str, ...] | None = field(default=None, repr=False)
    """What tells the rows of this page apart, one each: compared in memory within a look, never kept. None: not said.

    Without content, and with no ids: nothing that becomes a parcel, only what the other fields say."""
    total: int | None = None
    """How many rows the look should bring by this answer's own word, from the cursor given to `collect`."""
    steady: bool = False
    """Whether no row can have slipped away between this page and the one before: it begins with the row with which
    that one ended, or the API goes on from a key and not from a position."""
    flaw: str = ""
    """A reason code `pages.…`: the connector itself knows that rows may be missing."""


Collect = Callable[["Client", Any, str], Iterator[Page]]
"""`collect(client, settings, cursor)`: read an API page by page. An empty cursor means from the beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """How a supplier takes records through its API."""

    path: str
    """Path below the destination's base URL; no identifier in it."""
    method: str = "POST"
    lot: int = 1
    """How many records one request may carry; 1: one by one, the body is the record."""
    lot_key: str = "records"
    """For lots: the JSON member that holds the list of records."""
    key_header: str = "Idempotency-Key"
    """Empty when the supplier knows no keys: what got no usable answer is then settled as unknown."""
    by: tuple[str, ...] = ()
    """For a connector that `writes`: fields whose values the records of one item share, the lines of an invoice for
    example. Empty: an item a record. `lot` counts items, and the connector's shape is that of a whole request."""
    own: str = ""
    """For a connector that `writes`: the cell that holds the supplier's own id of a record. A record that has one, or
    that the supplier gave one when it took an earlier version, goes by `own_method` to `own_path`, where `{id}` stands
    for it; «not found» (404, 410) then refuses that record alone."""
    own_method: str = "PATCH"
    own_path: str = ""
    delete_path: str = ""
    """Where a record is taken back by `DELETE`, `{id}` being the supplier's own id; empty: it cannot be."""
    says: ResponseRules = field(default_factory=ResponseRules)
    """For a connector that `writes`: how the supplier's answers are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """How a supplier tells of news by itself (webhook): what proves that a message comes from it."""

    header: str
    """The header that holds the hexadecimal HMAC-SHA256 of the body, its key the secret that both sides know."""
    id: str = ""
    """What numbers a message: a header, or the path of a member of its JSON body (`event.id`). The same number with
    the same bytes is a repetition, however late it comes."""
    moment: str = ""
    """What dates a message, named likewise (`meta.timestamp`); a message without it is refused."""
    moment_within: float = 0.0
    """Seconds after which a message is too old to be taken: a supplier that signs anew whatever it sends again says so.
    0: any age, for those that repeat what was not answered as it was; what was taken once is known for ever anyway."""
    repeats_within: float = 3600.0
    """For messages that are neither numbered nor dated: seconds within which the same bytes are a repetition, because
    the sender did not hear our answer. Later they are news: what was changed was changed back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """How an API hands out tokens in its own way. Data only: the core fills in the secrets and keeps the token."""

    form: Mapping[str, str]
    """The JSON body posted to `token_path`: `{username}` and `{password}` are the flow's, `{time}` is the moment
    (`yyyyMMddHHmmss.` and digits by chance, UTC), `{signature}` is made from `signs`."""
    signs: str = ""
    """What is signed, with the same words: HMAC-SHA1 in upper-case hexadecimal, its key the password."""
    repeats: tuple[str, ...] = ()
    """Headers of the answer that every call repeats, in lower case."""
    member: str = ""
    """Member of the answer that every JSON body repeats."""
    life: float = 600.0
    """Seconds after which to sign in again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How to get in, and how politely: what the core needs to build the client that `collect` and `send` are handed."""

    scheme: str = "none"
    """`none`, `bearer` (a token), `oauth2` (client credentials), `basic`, `header` or `sign_in`."""
    token_path: str = ""
    header: str = "Authorization"
    sign_in: SignIn | None = None
    """For `sign_in`: how; `token_path` says where."""
    per_second: float = 10.0
    """Most requests a second."""
    in_flight: int = 4
    """Most requests at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """One layout or API of a supplier: how it writes, and what its rows mean."""

    id: str
    """`compani-interventions`."""
    title: str
    dialect: Dialect
    tables: tuple[Table, ...]
    out_of_scope: tuple[OutOfScope, ...] = ()
    nulls: tuple[str, ...] = ("",)
    """Cell texts that mean «unknown»."""
    nothing: tuple[str, ...] = ()
    """Cell texts that mean «explicitly none»."""
    unread: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What exports hold and nobody wants: the name of a column, list (`absences`), element (`/Racine/Entete`), file of
    an archive, worksheet or type of record, or a pattern (`links.*`) → the reason, in words people read. All else that
    is not read is reported, once a parcel, with the number of its values. `../status` is what stands beside the records
    of a JSON document, and no column of theirs."""
    file_name: str | tuple[str, ...] = ()
    """How files are named whose names say something of all their rows, as a shape (`passages_{Agence}_{Mois:6}.csv`):
    its parts are columns. A file that is named otherwise is parked."""
    access: Access = field(default_factory=Access)
    collect: Collect | None = None
    send: Send | None = None
    push: Push | None = None
    overlap: timedelta | int = 0
    """How far before its cursor each look begins: a time when cursors are moments, a number when they are numbers. Rows
    that became visible late, or that share the cursor's moment, come with it; the others are unchanged."""
    ordered_by: Converter | None = None
    """A column that says when the row was made or last changed, and how that is written (`Instant`, `LocalDateTime`,
    `Date`): an older state of a record never takes the place of a newer one."""
    writes: tuple[Writing, ...] = ()
    """For dialects that are documents (XML, JSON): how they are written, contract by contract."""
    row: WholeRow | None = None
    """For rows that hold records of several contracts: which, so that they are written as one row again."""
    needed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Columns that the supplier's importer wants in each row written → the pattern of what it takes there, empty
    for anything: a record that has nothing of the kind is refused before anything is written."""
    settings: type[BaseModel] | None = None
    absent: Absence = "hold"
    """What the absence of a column that earlier parcels had means, unless the flow says otherwise: `keep` for a
    supplier that sends partial files, `empty` for one that leaves out whole columns when they are empty."""
    whole: bool = False
    """Each export, or each look at the API from its beginning to its end, holds every record there is (of the days that
    it spans, where a table says `within`): what an earlier one held and this one does not has vanished."""

    ids_ignore_case: bool = False
    """Ids that differ by capitals alone are the same id: a refusal recorded of `AB7` binds `ab7`."""
    ids_ignore_zeros: bool = False
    """So do zeros before an id, which some exports have and others lack: `0042` and `42`."""

    def list_unread(self) -> dict[str, str]:
        """Return all that is left unread on purpose, with the reason: `unread`, and the columns that tables waive."""
        waived = {name: why for table in self.tables for name, why in table.waived.items()}
        return {**waived, **self.unread}


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplier:
    """Who makes the software, and its connectors."""

    id: str
    """Short, lower case: it opens every `ref` and names the group in `extra`."""
    title: str
    connectors: tuple[Connector, ...]
    website: str = ""

    def __post_init__(self) -> None:
        # The name is given once: references that do not say whose they are, are this supplier's.
        object.__setattr__(self, "connectors", tuple(map(self._name_tables, self.connectors)))

    def _name_tables(self, connector: Connector) -> Connector:
        named = tuple(name_system(table, self.id) for table in connector.tables)
        same = all(one is other for one, other in zip(named, connector.tables, strict=True))
        return connector if same else replace(connector, tables=named)
