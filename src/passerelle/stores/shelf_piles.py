"""Where the latest change of each record stands: pseudonyms of refs and numbers, in sorted piles cut into pages.

A settled batch adds a pile; four of one size become one, as in a log-structured merge tree. The newest pile that holds
a ref counts. To look one ref up costs one page a pile, however many refs there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from sqlalchemy import delete, insert, select

from passerelle.stores.database import iter_slices
from passerelle.stores.known_block import KnownBlock
from passerelle.stores.seal import PSEUDONYM_BYTES
from passerelle.stores.shelf_schema import shelf_page, shelf_pile
from passerelle.vocabulary.ref_spelling import normalise_ref

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from passerelle.stores.seal import Seal

    Numbers = NDArray[np.int64]

_PILE, _PAGE = shelf_pile.c, shelf_page.c
_PAGE_SIZE = 256
"""Refs of a page: six kilobytes. Smaller ones are found sooner, and larger ones are fewer to read for many refs."""
_FULL = 1 << 20
"""Refs of a pile that is not merged any further."""
_MANY, _ALIKE = 3, 2
"""Piles of one size that are merged with the next one of that size, and how many times larger is still one size."""
_FEW = 32
"""Refs that are looked up page by page; for more of them, the beginnings of all pages are read first."""
_SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")


def find_numbers(connection: Connection, scope_id: int, ref_keys: bytes) -> Numbers:
    """Return the number of the latest change of each ref, given as concatenated pseudonyms; 0: it never had one."""
    wanted = _make_block(ref_keys, np.zeros(len(ref_keys) // PSEUDONYM_BYTES, dtype=np.int64))
    found = np.zeros(len(wanted.head), dtype=np.int64)
    if not len(found):
        # a first night asks for nothing, batch after batch
        return found
    if 1 < len(found) <= _FEW:
        # each by itself: a page that was read for one may hold an older number of another
        keys = (ref_keys[start : start + PSEUDONYM_BYTES] for start in range(0, len(ref_keys), PSEUDONYM_BYTES))
        return np.concatenate([find_numbers(connection, scope_id, key) for key in keys])
    if len(found) == 1:
        return np.array([_find_number(connection, scope_id, ref_keys)], dtype=np.int64)
    for page in _iter_pages(connection, scope_id, ref_keys):
        # the newest pile first: what it says is not looked up in the others
        missing = np.flatnonzero(found == 0)
        places = page.find_places(wanted.head[missing], wanted.tail[missing])
        found[missing[places >= 0]] = page.versions[places[places >= 0]]
    return found


def _find_number(connection: Connection, scope_id: int, ref_key: bytes) -> int:
    """Return the number of one ref: of each pile, the newest first, one page is looked through as it stands."""
    for keys, numbers in _iter_single_pages(connection, scope_id, ref_key):
        place = keys.find(ref_key)
        # a pseudonym may also stand across two others
        while place % PSEUDONYM_BYTES and place >= 0:
            place = keys.find(ref_key, place + 1)
        if place >= 0:
            size = np.dtype("<i8").itemsize
            return int.from_bytes(numbers[place // PSEUDONYM_BYTES * size :][:size], "little", signed=True)
    return 0


def _iter_single_pages(connection: Connection, scope_id: int, ref_key: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield of each pile, the newest first, the page in which one ref would be: one statement."""
    before = shelf_page.alias().c
    same = (before.scope_id == _PILE.scope_id, before.pile == _PILE.pile, before.head <= ref_key)
    its = select(before.head).where(*same).order_by(before.head.desc()).limit(1).correlate(shelf_pile)
    on = (_PAGE.scope_id == _PILE.scope_id) & (_PAGE.pile == _PILE.pile) & (_PAGE.head == its.scalar_subquery())
    pages = select(_PAGE.ref_keys, _PAGE.numbers).select_from(shelf_pile.join(shelf_page, on))
    for row in connection.execute(pages.where(_PILE.scope_id == scope_id).order_by(_PILE.pile.desc())):
        yield row.ref_keys, row.numbers


def _iter_pages(connection: Connection, scope_id: int, ref_keys: bytes) -> Iterator[KnownBlock]:
    """Yield of each pile, the newest first, the pages in which any of many refs would be, as one block or several."""
    sought = np.frombuffer(ref_keys, dtype=">u8")[::2].astype(np.uint64)
    for pile, _size in _list_piles(connection, scope_id):
        own = (_PAGE.scope_id == scope_id, _PAGE.pile == pile)
        pages = select(_PAGE.ref_keys, _PAGE.numbers).where(*own).order_by(_PAGE.head)
        heads = connection.execute(select(_PAGE.head).where(*own).order_by(_PAGE.head)).scalars().all()
        firsts = np.frombuffer(b"".join(heads), dtype=">u8")[::2].astype(np.uint64)
        # from the one side to the other: pseudonyms that begin with the same eight bytes may fill several pages
        begins, ends = (np.searchsorted(firsts, sought, side=side) - 1 for side in _SIDES)
        there = ends >= 0
        steps = np.zeros(len(heads) + 1, dtype=np.int64)
        np.add.at(steps, begins[there].clip(min=0), 1)
        np.add.at(steps, ends[there] + 1, -1)
        names = [heads[place] for place in np.flatnonzero(np.cumsum(steps[:-1])).tolist()]
        if len(names) * 2 > len(heads):
            yield _read_pages(connection.execute(pages).all())
            continue
        for some in iter_slices(names):
            yield _read_pages(connection.execute(pages.where(_PAGE.head.in_(some))).all())


def keep_numbers(connection: Connection, scope_id: int, ref_keys: bytes, numbers: Numbers) -> None:
    """Note the numbers of the latest changes of refs, each ref once, in the caller's transaction."""
    block = _make_block(ref_keys, numbers).sort()
    piles = _list_piles(connection, scope_id)
    for pile, _size in piles[: _count_joined([size for _pile, size in piles], len(block.head))]:
        pages = select(_PAGE.ref_keys, _PAGE.numbers).where(_PAGE.scope_id == scope_id, _PAGE.pile == pile)
        block = block.merge_over(_read_pages(connection.execute(pages.order_by(_PAGE.head)).all()))
        _delete_pile(connection, scope_id, pile)
    _insert_pile(connection, scope_id, piles[0][0] + 1 if piles else 1, block)


def _count_joined(sizes: list[int], size: int) -> int:
    """Return how many of the newest piles are merged with a new one of a size: those of its own size, once many are."""
    joined = 0
    while True:
        like = joined
        while like < len(sizes) and sizes[like] <= size * _ALIKE:
            like += 1
        if like - joined < _MANY or size + sum(sizes[joined:like]) > _FULL:
            return joined
        size += sum(sizes[joined:like])
        joined = like


def forget_numbers(connection: Connection, scope_id: int, ref_keys: bytes) -> None:
    """Forget refs, given as concatenated pseudonyms: those of records that were removed long ago."""
    gone = _make_block(ref_keys, np.ones(len(ref_keys) // PSEUDONYM_BYTES, dtype=np.int64)).sort()
    # in every pile: an older one would bring an older number back
    for pile, _size in _list_piles(connection, scope_id):
        pages = select(_PAGE.ref_keys, _PAGE.numbers).where(_PAGE.scope_id == scope_id, _PAGE.pile == pile)
        block = _read_pages(connection.execute(pages.order_by(_PAGE.head)).all())
        kept = np.flatnonzero(gone.find_places(block.head, block.tail) < 0)
        if len(kept) < len(block.head):
            _delete_pile(connection, scope_id, pile)
            _insert_pile(connection, scope_id, pile, block.select(kept))


def make_composed_keys(seal: Seal, ref_keys: bytes) -> bytes:
    """Return under which keys records are noted that are also found by their references in composed letters.

    `ref_keys`: the pseudonyms of the composed references, concatenated. Keys of their own: another record may have the
    composed reference itself.
    """
    sizes = np.full(len(ref_keys) // PSEUDONYM_BYTES, PSEUDONYM_BYTES, dtype=np.int64)
    return seal.pseudonymise_rows("shelf/composed", ref_keys, sizes).tobytes()


def find_composed(seal: Seal, refs: Sequence[str]) -> tuple[Numbers, bytes]:
    """Return which references are not written in composed letters, and the keys of those: see `make_composed_keys`.

    Handles are made of composed letters (NFC), whichever way a supplier wrote them.
    """
    together = "".join(refs)
    # nearly always none
    plain = together.isascii() and "%" not in together
    found = [] if plain else [(place, composed) for place, ref in enumerate(refs) if (composed := _compose(ref)) != ref]
    keys = b"".join(seal.pseudonymise_each("ref", [composed for _place, composed in found])) if found else b""
    return np.array([place for place, _ref in found], dtype=np.int64), make_composed_keys(seal, keys) if keys else b""


def _compose(ref: str) -> str:
    return ref if ref.isascii() and "%" not in ref else normalise_ref(ref)


def _delete_pile(connection: Connection, scope_id: int, pile: int) -> None:
    for table in (shelf_page, shelf_pile):
        connection.execute(delete(table).where(table.c.scope_id == scope_id, table.c.pile == pile))


def _list_piles(connection: Connection, scope_id: int) -> list[tuple[int, int]]:
    """List the piles of a scope, the newest first, with their sizes."""
    wanted = select(_PILE.pile, _PILE.size).where(_PILE.scope_id == scope_id).order_by(_PILE.pile.desc())
    return [(pile, size) for pile, size in connection.execute(wanted)]


def _insert_pile(connection: Connection, scope_id: int, pile: int, block: KnownBlock) -> None:
    keys = np.column_stack((block.head, block.tail)).astype(">u8").tobytes()
    numbers, page = block.versions.astype("<i8").tobytes(), PSEUDONYM_BYTES * _PAGE_SIZE
    rows = [
        {
            "scope_id": scope_id,
            "pile": pile,
            "head": keys[start : start + PSEUDONYM_BYTES],
            "ref_keys": keys[start : start + page],
            "numbers": numbers[start // 2 : (start + page) // 2],
        }
        for start in range(0, len(keys), page)
    ]
    if rows:
        connection.execute(insert(shelf_pile), {"scope_id": scope_id, "pile": pile, "size": len(block.head)})
        connection.execute(insert(shelf_page), rows)


def _make_block(ref_keys: bytes, numbers: Numbers) -> KnownBlock:
    # Big-endian, so that the order of the numbers is the order of the bytes.
    pairs = np.frombuffer(ref_keys, dtype=">u8").reshape(-1, 2).astype(np.uint64)
    nothing = np.zeros((len(pairs), 0), dtype=np.uint8)
    return KnownBlock(np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1]), nothing, numbers, numbers)


def _read_pages(pages: Iterable[tuple[bytes, bytes]]) -> KnownBlock:
    rows = list(pages)
    numbers = np.frombuffer(b"".join(row[1] for row in rows), dtype="<i8").astype(np.int64)
    return _make_block(b"".join(row[0] for row in rows), numbers)
