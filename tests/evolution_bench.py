"""The bench: 42 pairs of versions, made by pydantic, and what is true of each in both directions.

`old_not_new` is a document that the old version accepts and the new one refuses (None: none), `new_not_old` the
reverse. The truth is verified by the official validator before it is used.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, create_model


class Pair(NamedTuple):
    name: str
    old: type[BaseModel]
    new: type[BaseModel]
    old_not_new: Any = None
    new_not_old: Any = None


def opened(name: str = "Heures", **fields: Any) -> type[BaseModel]:
    return create_model(name, **fields)


def closed(name: str = "Heures", **fields: Any) -> type[BaseModel]:
    return create_model(name, __config__=ConfigDict(extra="forbid"), **fields)


def text(**limits: Any) -> Any:
    return (Annotated[str, Field(**limits)], ...)


def number(**limits: Any) -> Any:
    return (Annotated[float, Field(**limits)], ...)


class Two(StrEnum):
    planned = "planifie"
    done = "realise"


class Three(StrEnum):
    planned = "planifie"
    done = "realise"
    cancelled = "annule"


class Town(BaseModel):
    ville: str
    cp: Annotated[str, Field(pattern=r"^\d{5}$")]


class TownAbroad(Town):
    pays: str


class KindA(BaseModel):
    type: Literal["a"]
    x: int


class KindB(BaseModel):
    type: Literal["b"]
    y: int


class KindC(BaseModel):
    type: Literal["c"]
    z: int


REQUIRED = (str, ...)
MAYBE = (str | None, None)
TWO_KINDS = (Annotated[KindA | KindB, Field(discriminator="type")], ...)
THREE_KINDS = (Annotated[KindA | KindB | KindC, Field(discriminator="type")], ...)
FIVE_DIGITS = "^[0-9]{5}$"
FIVE_SIGNS = "^[0-9A-Z]{5}$"
NEXT = {"a": "x", "b": "y"}
LONG = {"a": "x" * 12}
CANCELLED = {"a": "annule"}
THIRD = {"a": {"type": "c", "z": 1}}
PLACE = {"a": {"ville": "v", "cp": "75001"}}

PAIRS = (
    Pair("optional field added, closed", closed(a=REQUIRED), closed(a=REQUIRED, b=MAYBE), None, NEXT),
    Pair("optional field added, open", opened(a=REQUIRED), opened(a=REQUIRED, b=MAYBE), {"a": "x", "b": 3}),
    Pair("required field added, closed", closed(a=REQUIRED), closed(a=REQUIRED, b=REQUIRED), {"a": "x"}, NEXT),
    Pair("required field added, open", opened(a=REQUIRED), opened(a=REQUIRED, b=REQUIRED), {"a": "x"}),
    Pair("optional field removed, closed", closed(a=REQUIRED, b=MAYBE), closed(a=REQUIRED), NEXT),
    Pair("required field removed, open", opened(a=REQUIRED, b=REQUIRED), opened(a=REQUIRED), None, {"a": "x"}),
    Pair("required becomes optional", closed(a=REQUIRED), closed(a=(str, "")), None, {}),
    Pair("optional becomes required", closed(a=(str, "")), closed(a=REQUIRED), {}),
    Pair("null allowed", closed(a=REQUIRED), closed(a=(str | None, ...)), None, {"a": None}),
    Pair("null forbidden", closed(a=(str | None, ...)), closed(a=REQUIRED), {"a": None}),
    Pair("field renamed", closed(d=(float, ...)), closed(h=(float, ...)), {"d": 1.0}, {"h": 1.0}),
    Pair("integer becomes number", closed(a=(int, ...)), closed(a=(float, ...)), None, {"a": 1.5}),
    Pair("number becomes integer", closed(a=(float, ...)), closed(a=(int, ...)), {"a": 1.5}),
    Pair("text becomes integer", closed(a=REQUIRED), closed(a=(int, ...)), {"a": "x"}, {"a": 1}),
    Pair("shorter text", closed(a=text(max_length=12)), closed(a=text(max_length=10)), LONG),
    Pair("longer text", closed(a=text(max_length=10)), closed(a=text(max_length=12)), None, LONG),
    Pair("pattern added", closed(a=REQUIRED), closed(a=text(pattern="^[0-9]+$")), {"a": "x"}),
    Pair("narrower pattern", closed(a=text(pattern=FIVE_SIGNS)), closed(a=text(pattern=FIVE_DIGITS)), {"a": "ABCDE"}),
    Pair(
        "wider pattern", closed(a=text(pattern=FIVE_DIGITS)), closed(a=text(pattern=FIVE_SIGNS)), None, {"a": "ABCDE"}
    ),
    Pair("same pattern, other words", closed(a=text(pattern="^[0-9][0-9]$")), closed(a=text(pattern="^[0-9]{2}$"))),
    Pair("bound excluded", closed(a=number(ge=0)), closed(a=number(gt=0)), {"a": 0}),
    Pair("bound raised", closed(a=number(le=24)), closed(a=number(le=48)), None, {"a": 30}),
    Pair("finer step", closed(a=number(multiple_of=0.5)), closed(a=number(multiple_of=0.25)), None, {"a": 0.25}),
    Pair("step added", closed(a=(float, ...)), closed(a=number(multiple_of=0.25)), {"a": 0.1}),
    Pair("code added", closed(a=(Two, ...)), closed(a=(Three, ...)), None, CANCELLED),
    Pair("code removed", closed(a=(Three, ...)), closed(a=(Two, ...)), CANCELLED),
    Pair("text becomes codes", closed(a=REQUIRED), closed(a=(Two, ...)), {"a": "x"}),
    Pair("constant becomes codes", closed(a=(Literal["x"], ...)), closed(a=(Literal["x", "y"], ...)), None, {"a": "y"}),
    Pair("optional code added", closed(a=(Two | None, None)), closed(a=(Three | None, None)), None, CANCELLED),
    Pair("required field added inside", closed(a=(Town, ...)), closed(a=(TownAbroad, ...)), PLACE),
    Pair(
        "list may not be empty",
        closed(a=(list[str], ...)),
        closed(a=(Annotated[list[str], Field(min_length=1)], ...)),
        {"a": []},
    ),
    Pair("wider items", closed(a=(list[int], ...)), closed(a=(list[int | str], ...)), None, {"a": ["x"]}),
    Pair("kind added", closed(a=TWO_KINDS), closed(a=THREE_KINDS), None, THIRD),
    Pair("kind removed", closed(a=THREE_KINDS), closed(a=TWO_KINDS), THIRD),
    Pair("open becomes closed", opened(a=REQUIRED), closed(a=REQUIRED), {"a": "x", "zz": 1}),
    Pair("closed becomes open", closed(a=REQUIRED), opened(a=REQUIRED), None, {"a": "x", "zz": 1}),
    Pair("format added", closed(a=REQUIRED), closed(a=(date, ...)), {"a": "hier"}),
    Pair(
        "day becomes moment",
        closed(a=(date, ...)),
        closed(a=(datetime, ...)),
        {"a": "2026-01-02"},
        {"a": "2026-01-02T10:00:00Z"},
    ),
    Pair(
        "narrower values of a map",
        closed(a=(dict[str, int | str], ...)),
        closed(a=(dict[str, int], ...)),
        {"a": {"k": "v"}},
    ),
    Pair(
        "documentation only",
        closed(a=text(description="x")),
        closed(a=text(description="y", title="T", examples=["z"])),
    ),
    Pair(
        "definition renamed",
        closed(a=(Town, ...)),
        closed(a=(create_model("Adresse", __base__=None, ville=REQUIRED, cp=text(pattern=r"^\d{5}$")), ...)),
    ),
    Pair(
        "other number of places",
        closed(a=(tuple[int, int], ...)),
        closed(a=(tuple[int, int, int], ...)),
        {"a": [1, 2]},
        {"a": [1, 2, 3]},
    ),
)
