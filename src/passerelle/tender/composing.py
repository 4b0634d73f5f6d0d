"""Writes `tender.toml`: what a trade proposes, with a comment beside each decision."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from passerelle.contracts.catalogue import get
from passerelle.contracts.field_meta import Purpose, Sensitivity
from passerelle.contracts.publishing.published_texts import get_label
from passerelle.stages.translate.plan import PIPELINE_FIELDS
from passerelle.tender import bilingual_texts, questions
from passerelle.tender.order import FindingRules, LevelWeights, NoteThresholds, ReversibilityTerms, TenderCalendar
from passerelle.vocabulary.formatting import typeset

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from pydantic import BaseModel

    from passerelle.contracts.contract import Contract
    from passerelle.tender.trades import TradeProposal

_UNASKED = (*PIPELINE_FIELDS, "identifiers")
"""Fields that nobody asks a bidder for by name."""
_WIDTH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerChoices:
    """The buyer's choices when the file is begun."""

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


def compose(trade: TradeProposal, decided: BuyerChoices, language: str) -> str:
    """Return the text of the file, which `order_file.parse` reads back."""
    comments = bilingual_texts.load_texts("order")[language]
    kept = [one for one in trade.contracts if not decided.contracts or one in decided.contracts]
    levels = [
        f'"{key}" = "{level}"'.ljust(_WIDTH) + f"  # {title.of(language)}"
        for key, level, title in questions.iter_proposals(trade.name)
    ]
    answers = [
        f'{_write_comment(f"{one.title.of(language)} {one.help.of(language)}")}\n{one.key} = ""'
        for one in questions.list_questions()
    ]
    blocks = [
        _write_comment(comments["head"]),
        _write_heading(trade, decided, comments, language),
        _write_table("calendar", dict.fromkeys(TenderCalendar.model_fields, ""), comments["calendar"]),
        _write_volumes(trade, decided, comments),
        *(
            _write_model(name, model, comments)
            for name, model in (("weights", LevelWeights), ("thresholds", NoteThresholds))
        ),
        _write_table("sample", trade.sample, comments["sample"]),
        _write_model("findings", FindingRules, comments),
        _write_table("prices", {"years": 0, "options": []}, comments["prices"]),
        _write_model("reversibility", ReversibilityTerms, comments, {"delay_days": decided.delay_days}),
        *_iter_systems(trade, kept, decided, comments["system"]),
        *(_write_contract(get(one), trade, comments, language) for one in kept),
        "\n".join([_write_comment(comments["levels"]), "[levels]", *levels]),
        "\n".join([_write_comment(comments["answers"]), "[answers]", *answers]),
        _write_comment(comments["own"].format(chapters=", ".join(questions.list_chapter_keys()))),
    ]
    return "\n\n".join(blocks) + "\n"


def _write_heading(trade: TradeProposal, decided: BuyerChoices, comments: Mapping[str, str], language: str) -> str:
    purposes = ", ".join(f"{one.value} ({get_label(one, language)})" for one in Purpose)
    title = decided.title or comments["title"].format(trade=trade.title.of(language))
    lines = [
        _write_comment(comments["tender"]),
        "[tender]",
        *_write_pairs({"id": decided.id, "title": title, "buyer": decided.buyer or comments["buyer"]}),
        *_write_pairs({"contact": decided.contact, "date": decided.date, "trade": trade.name}),
        _write_comment(comments["context"]),
        *_write_pairs({"context": trade.about.of(language)}),
        _write_comment(typeset(comments["purposes"].format(purposes=purposes))),
        *_write_pairs({"purposes": [one.value for one in decided.purposes or trade.purposes]}),
    ]
    return "\n".join(lines)


def _write_volumes(trade: TradeProposal, decided: BuyerChoices, comments: Mapping[str, str]) -> str:
    """Write the volumes that the buyer gave; of the others only an example, in a comment: it is nobody's figure."""
    lines = [_write_comment(comments["volumes"]), "[volumes]"]
    for name, example in {**trade.volumes, **decided.volumes}.items():
        count = decided.volumes.get(name, 0)
        beside = "" if count else f"  # {comments['example'].format(count=example)}"
        lines.append(f"{name} = {count}".ljust(_WIDTH if beside else 0) + beside)
    return "\n".join(lines)


def _iter_systems(trade: TradeProposal, kept: Collection[str], decided: BuyerChoices, comment: str) -> Iterator[str]:
    comment_lines = [_write_comment(comment)]
    for system in trade.systems:
        # A system without a contract that is kept would ask for a flow of nothing.
        contracts = [one for one in system["contracts"] if one in kept]
        if contracts and (decided.systems is None or system["name"] in decided.systems):
            yield "\n".join([*comment_lines, "[[system]]", *_write_pairs({**system, "contracts": contracts})])
            # The comment stands above the first system only.
            comment_lines = []


def _write_contract(contract: type[Contract], trade: TradeProposal, comments: Mapping[str, str], language: str) -> str:
    about, levels = contract.about, trade.contracts[contract.about.id]
    title = about.fr_title if language == "fr" else about.en_title
    text = about.fr if language == "fr" else about.en
    names = [name for name in contract.list_fields() if name not in _UNASKED]
    # A contract cannot do without its required fields, whatever a trade proposes.
    usual = {name: "P" if contract.model_fields[name].is_required() else "-" for name in names}
    lines = [
        _write_comment(f"{title} — {text} {comments['contract']}"),
        f'[contract."{about.id}"]',
        _write_comment(comments["filled"]),
        *_write_pairs({"filled": list(trade.filled[about.id])}),
        f'[contract."{about.id}".fields]',
    ]
    for name in names:
        entry = contract.describe_fields()[name]
        field_title = entry.fr_title if language == "fr" else entry.en_title
        careful = entry.sensitivity in (Sensitivity.SPECIAL, Sensitivity.SURVEILLANCE)
        beside = f" — {get_label(entry.sensitivity, language)}" if careful else ""
        decided = f'{name} = "{levels.get(name, usual[name])}"'
        lines.append(f"{decided.ljust(_WIDTH)}  # {field_title}{beside}")
    return "\n".join(lines)


def _write_model(
    name: str, model: type[BaseModel], comments: Mapping[str, str], decided: Mapping[str, Any] | None = None
) -> str:
    """Write a table with its defaults, but for what is decided."""
    usual = {key: info.default for key, info in model.model_fields.items()}
    return _write_table(name, usual | {key: value for key, value in (decided or {}).items() if value}, comments[name])


def _write_table(name: str, values: Mapping[str, Any], comment: str) -> str:
    return "\n".join([_write_comment(comment), f"[{name}]", *_write_pairs(values)])


def _write_pairs(values: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {_write_value(value)}" for key, value in values.items()]


def _write_value(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(_write_value(one) for one in value)}]"
    return str(value)


def _write_comment(text: str) -> str:
    return "\n".join(f"# {line}".rstrip() for line in text.strip().splitlines())
