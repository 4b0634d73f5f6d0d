"""A sample of a connector, and the same sample with every value changed that may not leave for a purpose.

Values are changed in the bytes, whatever the format: letters are shifted, numbers and days swapped within their
column. What is changed is looked at afterwards, in the decoded table: columns that may leave are as they were, and
every row has the fate it had.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from passerelle import contracts
from passerelle.contracts.release import NEVER
from passerelle.engine.path.batch_stream import decode_batches
from passerelle.engine.path.pipeline import prepare_batch
from passerelle.stages.gate.subjects import find_subject_fields
from passerelle.vocabulary.errors import ParcelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl

    from passerelle.engine.workspace.assembly import OpenFlow
    from passerelle.vocabulary.parcels import DecodedBatch

FEWEST = 3
"""Characters of a value that is looked for in the bytes."""
_SHIFTED = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "bcdefghijklmnopqrstuvwxyzaBCDEFGHIJKLMNOPQRSTUVWXYZA"
)


@dataclass(frozen=True, slots=True)
class ChangedSample:
    """The bytes with withheld values changed, and how many distinct values of how many columns these are."""

    content: bytes
    columns: int
    values: int


@dataclass(slots=True)
class _Changing:
    """A sample under change."""

    content: bytes
    before: list[DecodedBatch]
    fates: list[tuple[object, ...]]
    open_flow: OpenFlow
    changes: dict[str, dict[str, str]]
    kept: list[str]
    tries: int

    def keep_most(self, names: list[str]) -> None:
        """Keep the change of as many of these columns as leave everything else as it is, while tries are left."""
        if not names or not self.tries:
            return
        self.tries -= 1
        if _try(self, [*self.kept, *names]) is not None:
            self.kept += names
        elif len(names) > 1:
            half = len(names) // 2
            self.keep_most(names[:half])
            self.keep_most(names[half:])


def change_withheld(content: bytes, open_flow: OpenFlow, tries: int) -> ChangedSample:
    """Change what may not leave through a flow, column by column; a column that decides of fates stays as it is."""
    before = list(decode_batches(io.BytesIO(content), open_flow.connector.dialect))
    withheld = list_withheld_columns(before, open_flow)
    elsewhere = _list_kept_texts(before, withheld)
    changes = {name: found for name in sorted(withheld) if (found := _map_values(name, before, elsewhere))}
    # Texts first, which most often can be anything: then the others, of which a rule may hold some together.
    texts = [name for name, values in changes.items() if all(_shift(one) != one for one in values)]
    changing = _Changing(content, before, find_fates(before, open_flow), open_flow, changes, [], tries)
    changing.keep_most(texts)
    changing.keep_most([name for name in changes if name not in texts])
    made = _try(changing, changing.kept)
    return ChangedSample(made or content, len(changing.kept), sum(len(changes[name]) for name in changing.kept))


def list_withheld_columns(batches: Iterable[DecodedBatch], open_flow: OpenFlow) -> set[str]:
    """List the columns of which nothing may leave: they feed withheld fields only, or none at all."""
    policy = open_flow.policy
    withheld: set[str] = set()
    needed: set[str] = set()
    for batch in batches:
        for entry in policy.plan.list_tables(batch.table.member):
            contract = contracts.get(entry.table.contract)
            releases = policy.releases.find_releases(contract)
            # who somebody is decides how large a group of figures is; what is required decides of fates
            kept = {"ref", *find_subject_fields(contract).all}
            read = {column: set[str]() for column in entry.columns}
            for each in entry.fields:
                for column in each.columns:
                    read.setdefault(column, set()).add(each.name)
            for column, fields in read.items():
                is_withheld = fields and all(releases[name] == NEVER for name in fields) and not fields & kept
                (withheld if is_withheld else needed).add(column)
            if releases["extra"] == NEVER:
                withheld |= set(batch.table.frame.columns) - set(read)
    return withheld - needed


def find_fates(batches: Iterable[DecodedBatch], open_flow: OpenFlow) -> list[tuple[object, ...]]:
    """Return what is set aside before the gate, and what goes on to it."""
    policy = replace(open_flow.policy, release=None, purpose="portability", consent="opposition")
    found: list[tuple[object, ...]] = []
    for batch in batches:
        prepared = prepare_batch(batch, policy)
        found += [(item.row, item.fate, item.reason) for item in prepared.ledger.aside]
        found += [(one.contract, *one.frame.get_column("ref").to_list()) for one in prepared.records]
    return found


def _list_kept_texts(batches: Iterable[DecodedBatch], withheld: set[str]) -> str:
    """Return all that may not change, header and values, as one text."""
    columns = [column for batch in batches for column in batch.table.frame]
    return "\n".join(
        text for column in columns if column.name not in withheld for text in (*_texts(column), column.name)
    )


def _map_values(name: str, batches: Iterable[DecodedBatch], elsewhere: str) -> dict[str, str]:
    """Return what becomes of the values of a column: others of the same kind, of those that stand nowhere else."""
    frames = [batch.table.frame for batch in batches]
    own = {text for frame in frames if name in frame.columns for text in _texts(frame.get_column(name))}
    free = sorted(text for text in own if len(text) >= FEWEST and text not in elsewhere)
    changes = {text: shifted for text in free if (shifted := _shift(text)) != text}
    rest = [text for text in free if text not in changes]
    return changes | {one: other for one, other in zip(rest, [*rest[1:], *rest[:1]], strict=True) if one != other}


def _shift(text: str) -> str:
    return text.translate(_SHIFTED)


def _texts(column: pl.Series) -> list[str]:
    return column.drop_nulls().unique().to_list()


def _try(changing: _Changing, names: Iterable[str]) -> bytes | None:
    """Return the changed bytes; None when something else changed with them."""
    wanted, dialect = set(names), changing.open_flow.connector.dialect
    every = {old: new for name in wanted for old, new in changing.changes[name].items()}
    if not every:
        return None
    made = _replace_all(changing.content, every, dialect)
    try:
        after = list(decode_batches(io.BytesIO(made), dialect))
    except ParcelError:  # a tag or a header was hit
        return None
    frames = [(one.table.frame, two.table.frame) for one, two in zip(changing.before, after, strict=True)]
    is_changed = any(not one.equals(two) for one, two in frames)
    is_kept = all(
        one.columns == two.columns
        and all(one[name].equals(two[name], null_equal=True) for name in one.columns if name not in wanted)
        for one, two in frames
    )
    return made if is_changed and is_kept and find_fates(after, changing.open_flow) == changing.fates else None


def _replace_all(content: bytes, changes: Mapping[str, str], dialect: object) -> bytes:
    if content[:2] == b"PK":
        packed = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w") as new:
            for item in old.infolist():
                new.writestr(item, _replace_texts(old.read(item), changes, "utf-8"))
        return packed.getvalue()
    # without the byte-order mark, which stands once in the file and not before each value
    encoding = (str(getattr(dialect, "encoding", "")) or "utf-8").removesuffix("-sig")
    return _replace_texts(content, changes, encoding)


def _replace_texts(content: bytes, changes: Mapping[str, str], encoding: str) -> bytes:
    encoded = {old.encode(encoding, "replace"): new.encode(encoding, "replace") for old, new in changes.items()}
    pattern = b"|".join(re.escape(old) for old in sorted(encoded, key=len, reverse=True))
    return re.sub(pattern, lambda found: encoded[found[0]], content)
