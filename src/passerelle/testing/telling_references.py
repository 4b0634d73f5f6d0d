"""Finds references that are declared opaque and say something about somebody: a name, a number, an address, a day."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from passerelle import contracts
from passerelle.contracts.field_meta import ALL_PURPOSES
from passerelle.contracts.identifiers import NumberCheck, check
from passerelle.engine.records.handles import list_reference_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Record = Mapping[str, Any]

_APART = re.compile(r"[~\-_./\\|,;:@+ ]+")
"""What parts of an id stand apart by; `@` too, though an address is looked for before."""
_SHORTEST = 3
"""Characters below which a part is like a value by chance."""
_FEWEST_DIGITS = 6
"""Digits below which two values that are written with other signs are alike by chance."""
_DAYS = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d[-/.]?(?:0[1-9]|1[0-2])[-/.]?(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0[1-9]|[12]\d|3[01])[-/.]?(?:0[1-9]|1[0-2])[-/.]?(?:19|20)\d\d)(?!\d)"
)
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]", re.IGNORECASE)
_TOKEN = re.compile(r"[0-9a-f]{24}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""Tokens that machines draw (ObjectId, UUID): digits in them mean nothing."""


def find_telling_references(lines: Iterable[Mapping[str, Any]], kept: frozenset[str]) -> Iterator[str]:
    """Yield, for each reference that leaves as it is and tells something, its beginning, its field and what it holds.

    `lines` are records of samples with contract, member and line; `kept` the beginnings of opaque references. What one
    row says anywhere counts against all its references. No value is in what is yielded.
    """
    rows: dict[tuple[str, int], list[Mapping[str, Any]]] = defaultdict(list)
    for line in lines:
        rows[line.get("member", ""), line["line"]].append(line)
    for row in rows.values():
        values = {form: name for line in row for name, text in _iter_withheld(line) for form in _normalise(text)}
        for line in row:
            for field in list_reference_fields(line["contract"]):
                opening, local = _split(line["record"].get(field))
                if opening in kept and (told := _find_told(local, values)):
                    yield f"{opening} ({line['contract']} {field}): {told}"


def _split(ref: str | None) -> tuple[str, str]:
    system, _colon, rest = (ref or "").partition(":")
    entity, _colon, local = rest.partition(":")
    return f"{system}:{entity}:", unquote(local)


def _find_told(local: str, values: Mapping[str, str]) -> str:
    """Return what an id tells: the name of a field of its row, or the shape of what it holds; empty for nothing."""
    if _TOKEN.fullmatch(local):
        return values.get(local.casefold(), "")
    if _ADDRESS.search(local):
        return "e-mail"
    if _DAYS.search(local):
        return "date"
    parts = [part for part in (local, *_APART.split(local)) if len(part) >= _SHORTEST]
    if any(check("nir", part) in (NumberCheck.OK, NumberCheck.WRONG_KEY, NumberCheck.UNCHECKED) for part in parts):
        return "NIR"
    return next((values[form] for part in parts for form in _normalise(part) if form in values), "")


def _iter_withheld(line: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the fields of a record that some purpose may not have, with each text in them."""
    field_meta = contracts.get(line["contract"]).describe_fields()
    references = list_reference_fields(line["contract"])
    system = str(line["record"]["ref"]).partition(":")[0]
    for name, value in line["record"].items():
        meta = field_meta.get(name)
        if name not in references and meta is not None and not all(map(meta.serves, ALL_PURPOSES)):
            yield from ((name, text) for text in _iter_texts(value, system))


def _iter_texts(value: Any, system: str) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        yield from value.split()
    elif isinstance(value, dict):
        # the number under which the supplier itself knows somebody is what an opaque reference is made of
        if value.get("system") != system:
            yield from (text for part in value.values() for text in _iter_texts(part, system))
    elif isinstance(value, list):
        yield from (text for part in value for text in _iter_texts(part, system))


def _normalise(text: str) -> Iterator[str]:
    """Yield the forms in which a text is recognised: composed and without case, without accents, digits alone."""
    if len(text) < _SHORTEST:
        return
    plain = unicodedata.normalize("NFC", text).casefold()
    yield plain
    yield "".join(sign for sign in unicodedata.normalize("NFD", plain) if not unicodedata.combining(sign))
    digits = "".join(sign for sign in plain if sign.isdigit())
    if len(digits) >= _FEWEST_DIGITS:
        yield digits
