"""Writing `tender.toml`: what a trade proposes, with a comment beside each thing that can be decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from passerelle.contracts.catalogue import get
from passerelle.contracts.field_meta import Purpose, Sensitivity
from passerelle.contracts.publishing.published_texts import get_label
from passerelle.stages.translate.plan import PIPELINE_FIELDS
from passerelle.tender import asking, bilingual_texts
from passerelle.tender.order import Calendar, Reversibility, Thresholds, Weights
from passerelle.vocabulary.formatting import typeset

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from pydantic import BaseModel

    from passerelle.contracts.contract import Contract
    from passerelle.tender.trades import Trade

_UNASKED = (*PIPELINE_FIELDS, "identifiers")
"""Fields that nobody asks a bidder for by name."""
_WIDTH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What was asked of the buyer when the file was begun."""

    id: str
    date: str
    title: str = ""
    buyer: str = ""
    contact: str = ""
    contracts: tuple[str, ...] = ()
    """Contracts that are kept of the trade's; empty: all."""
    purposes: tuple[Purpose, ...] = ()
    """In place of the trade's; empty: the trade's."""
    systems: tuple[str, ...] | None = None
    """Names of the systems that are kept of the trade's; None: all."""
    volumes: Mapping[str, int] = field(default_factory=dict)
    """In place of the trade's."""
    delay_days: int = 0
    """Within how many days everything must be given back; 0: what is usual."""


def compose(trade: Trade, decided: Decided, language: str) -> str:
    """Write the file. It can be read back, and every line of it can be changed."""
    comments = bilingual_texts.texts("order")[language]
    kept = [one for one in trade.contracts if not decided.contracts or one in decided.contracts]
    blocks = [
        _comment(comments["head"]),
        _heading(trade, decided, comments, language),
        _table("calendar", dict.fromkeys(Calendar.model_fields, ""), comments["calendar"]),
        _table("volumes", {**trade.volumes, **decided.volumes}, comments["volumes"]),
        *(_of_model(name, model, comments) for name, model in (("weights", Weights), ("thresholds", Thresholds))),
        _table("sample", trade.sample, comments["sample"]),
        _of_model("reversibility", Reversibility, comments, {"delay_days": decided.delay_days}),
        *_systems(trade, kept, decided, comments["system"]),
        *(_contract(get(one), trade, comments, language) for one in kept),
        _levels(trade, comments["levels"], language),
        _answers(comments["answers"], language),
        _comment(comments["own"].format(chapters=", ".join(asking.chapter_keys()))),
    ]
    return "\n\n".join(blocks) + "\n"


def _heading(trade: Trade, decided: Decided, comments: Mapping[str, str], language: str) -> str:
    told = ", ".join(f"{one.value} ({get_label(one, language)})" for one in Purpose)
    title = decided.title or comments["title"].format(trade=trade.title.of(language))
    lines = [
        _comment(comments["tender"]),
        "[tender]",
        *_pairs({"id": decided.id, "title": title, "buyer": decided.buyer or comments["buyer"]}),
        *_pairs({"contact": decided.contact, "date": decided.date, "trade": trade.name}),
        _comment(comments["context"]),
        *_pairs({"context": trade.about.of(language)}),
        _comment(typeset(comments["purposes"].format(purposes=told))),
        *_pairs({"purposes": [one.value for one in decided.purposes or trade.purposes]}),
    ]
    return "\n".join(lines)


def _systems(trade: Trade, kept: Collection[str], decided: Decided, comment: str) -> Iterator[str]:
    said = [_comment(comment)]
    for system in trade.systems:
        contracts = [one for one in system["contracts"] if one in kept]
        if contracts and (decided.systems is None or system["name"] in decided.systems):
            yield "\n".join([*said, "[[system]]", *_pairs({**system, "contracts": contracts})])
            said = []


def _contract(contract: type[Contract], trade: Trade, comments: Mapping[str, str], language: str) -> str:
    about, levels = contract.about, trade.contracts[contract.about.id]
    title = about.fr_title if language == "fr" else about.en_title
    text = about.fr if language == "fr" else about.en
    names = [name for name in contract.list_fields() if name not in _UNASKED]
    lines = [
        _comment(f"{title} — {text} {comments['contract']}"),
        f'[contract."{about.id}"]',
        _comment(comments["filled"]),
        *_pairs({"filled": list(trade.filled[about.id])}),
        f'[contract."{about.id}".fields]',
        *(_field(contract, name, levels.get(name, _usual(contract, name)), language) for name in names),
    ]
    return "\n".join(lines)


def _usual(contract: type[Contract], name: str) -> str:
    return "P" if contract.model_fields[name].is_required() else "-"


def _field(contract: type[Contract], name: str, level: str, language: str) -> str:
    entry = contract.describe_fields()[name]
    title = entry.fr_title if language == "fr" else entry.en_title
    careful = entry.sensitivity in (Sensitivity.SPECIAL, Sensitivity.SURVEILLANCE)
    beside = f" — {get_label(entry.sensitivity, language)}" if careful else ""
    return f'{name} = "{level}"'.ljust(_WIDTH) + f"  # {title}{beside}"


def _levels(trade: Trade, comment: str, language: str) -> str:
    lines = [
        f'"{key}" = "{level}"'.ljust(_WIDTH) + f"  # {title.of(language)}"
        for key, level, title in asking.proposed(trade.name)
    ]
    return "\n".join([_comment(comment), "[levels]", *lines])


def _answers(comment: str, language: str) -> str:
    lines = []
    for question in asking.questions():
        lines += [_comment(f"{question.title.of(language)} {question.help.of(language)}"), f'{question.key} = ""']
    return "\n".join([_comment(comment), "[answers]", *lines])


def _of_model(
    name: str, model: type[BaseModel], comments: Mapping[str, str], decided: Mapping[str, Any] | None = None
) -> str:
    """Write a table with its defaults, but for what is decided."""
    usual = {key: info.default for key, info in model.model_fields.items()}
    return _table(name, usual | {key: value for key, value in (decided or {}).items() if value}, comments[name])


def _table(name: str, values: Mapping[str, Any], comment: str) -> str:
    return "\n".join([_comment(comment), f"[{name}]", *_pairs(values)])


def _pairs(values: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in values.items()]


def _value(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(value, list):
        return f"[{', '.join(_value(one) for one in value)}]"
    return str(value)


def _comment(text: str) -> str:
    return "\n".join(f"# {line}".rstrip() for line in text.strip().splitlines())
