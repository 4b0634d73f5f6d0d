"""Random JSON documents of all shapes, some of them spoilt, and dialects that read them: to compare two readers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from passerelle.stages.decode.dialects import Json

if TYPE_CHECKING:
    from random import Random

PLAIN = ("id", "name", "c", "d", "e", "f")
ODD = ("a", "b", "data", "entry", "0", "1", "é", "a.b", "id", "name", "_row", "x#2", "", "../data", "a.c", "error")
TEXTS = ("", "x", "10:00", "é", "Â", "ÃŸ", "\ufffd", "\x85", "l‚e", "a\nb", "\\", '"q"', "🙂", "a,b]}", "-0,", " -0 ")
PATHS = ("", "a", "data", "entry", "a.b", "entry.data", "0.a", "a.data", "error")
INSERTED = (
    *(b",", b'"', b"}", b"]", b"{", b"[", b":", b" ", b"\n", b"\t", b"\\", b"\xff", b"\xed\xa0\x80", b"NaN"),
    *(b"Infinity", b"-0", b"00", b"\\ud800", b"1.50", b"null", b'"a":1,'),
)
INSTEAD = (
    *(b"-0", b"NaN", b"1.0", b"1E5", b'"\\u0000"', b'"\\ud83d\\ude00"', b'"\\udc00"', b'"a\tb"', b'"\\u00c3\\u00a9"'),
    *(b'{"z":1,"z":2}', b"[[[1]]]", b"[" * 70 + b"]" * 70, b"[" * 210 + b"]" * 210, b'{"a":' * 120 + b"1" + b"}" * 120),
    b"9" * 4301,
)


def write_document(chance: Random) -> bytes:
    """Return the bytes of a document; half of them are spoilt in one place."""
    text = json.dumps(
        make_document(chance), ensure_ascii=chance.random() < 0.3, indent=chance.choice([None, None, 1])
    ).encode()
    return spoil(text, chance) if chance.random() < 0.5 else text


def make_document(chance: Random) -> Any:
    """Return a list of records, or an object that holds one somewhere."""
    members = chance.sample(ODD if chance.random() < 0.4 else PLAIN, chance.randint(1, 5))
    records = [_make_record(members, chance) for _one in range(chance.choice([0, 1, 3, 10, 40]))]
    match chance.randint(0, 9):
        case 0 | 1:
            return records
        case 2:
            return {"0": {"a": records}, "1": {"a": records[:2]}}
        case 3:
            pages = [{"data": records[at : at + 3], "b": _make_scalar(chance)} for at in range(0, len(records), 3)]
            return {"entry": pages, "meta": {"x": 1}}
        case 4:
            return {str(place): record for place, record in enumerate(records)}
        case 5 | 6 | 7:
            return {"a": records, "meta": {"x": 1}}
        case _:
            return _surround(records, chance)


def _surround(records: list[Any], chance: Random) -> dict[str, Any]:
    around = {chance.choice(ODD): _make_value(chance, 2) for _one in range(chance.randint(0, 3))}
    around["a"] = chance.choice([records, {"b": records}, {"b": records, "data": records[:1]}])
    if chance.random() < 0.3:
        around["data"] = chance.choice([records[:3], {"0": {}}, None, {"event": "x"}])
    return dict(chance.sample(list(around.items()), len(around)))


def _make_record(members: list[str], chance: Random) -> Any:
    if chance.random() < 0.06:
        return _make_value(chance, 2)
    return {member: _make_value(chance, 3) for member in members if chance.random() < 0.85}


def _make_value(chance: Random, depth: int) -> Any:
    luck = chance.random()
    if depth <= 0 or luck < 0.7:
        return _make_scalar(chance)
    if luck < 0.8:
        return [_make_value(chance, depth - 1) for _one in range(chance.randint(0, 3))]
    return {chance.choice(ODD): _make_value(chance, depth - 1) for _one in range(chance.randint(0, 4))}


def _make_scalar(chance: Random) -> Any:
    match chance.randint(0, 5):
        case 0:
            return None
        case 1:
            return chance.choice([True, False])
        case 2:
            return chance.choice([0, 1, 7, -5, 2**63, 10**20, 1.5, -0.25, 1e300, 0.1])
        case _:
            return chance.choice(TEXTS)


def spoil(text: bytes, chance: Random) -> bytes:
    """Cut, insert, leave out or replace something at random: what results may be JSON all the same, or nearly."""
    at = chance.randrange(len(text))
    match chance.randint(0, 9):
        case 0:
            return text[:at]
        case 1 | 2 | 3:
            return text[:at] + chance.choice(INSERTED) + text[at:]
        case 4:
            return text[:at] + text[at + 1 :]
        case _:
            word = chance.choice([b"1", b'"x"', b"true", b"null", b"7", b'"10:00"'])
            return text.replace(word, chance.choice(INSTEAD), chance.choice([1, -1]))


def choose_dialect(chance: Random) -> Json:
    """Return a dialect that may find something in such a document."""
    paths = chance.sample(PATHS, chance.choice([1, 1, 2, 3]))
    return Json(
        lists={path: chance.choice(["one", "two"]) for path in paths} if chance.random() < 0.9 else {},
        spread=tuple(chance.sample(["a", "b", "c", "data", "a.b"], chance.randint(0, 2))),
        named={"entry": ("name", "x", "é"), "d": ("id", "x")} if chance.random() < 0.3 else {},
        above=tuple(chance.sample(["data", "meta", "b", "a.b", "meta.x"], chance.choice([0, 0, 1, 2]))),
        kind={"meta.x": "1"} if chance.random() < 0.05 else {},
    )
