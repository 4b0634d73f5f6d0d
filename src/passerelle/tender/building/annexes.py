"""The annexes of the document: lists of fields, all requirements with their measure, code lists, words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle import nomenclatures
from passerelle.contracts.catalogue import get
from passerelle.contracts.field_meta import Purpose
from passerelle.contracts.publishing.dictionary import describe_type
from passerelle.contracts.publishing.published_texts import get_label
from passerelle.contracts.types import FieldKind
from passerelle.documents.blocks import Block, Heading, Paragraph, TableBlock, TableCell
from passerelle.stages.translate.plan import PIPELINE_FIELDS
from passerelle.tender import bilingual_texts
from passerelle.tender.requirement import Measure
from passerelle.vocabulary.formatting import format_count, format_day, format_share, typeset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from passerelle.contracts.contract import Contract
    from passerelle.contracts.field_meta import FieldMeta
    from passerelle.tender.consultation import Consultation
    from passerelle.tender.order import TenderOrder
    from passerelle.tender.requirement import Requirement

_LONGEST = 60
"""Longest example that is printed whole."""


def iter_annexes(tender: Consultation, order: TenderOrder, say: Callable[..., str]) -> Iterator[Block]:
    """Yield every annex. `say` returns a word of the document in its language."""
    language = tender.language
    yield Heading(1, say("annex_fields"), annex=True)
    yield Paragraph(say("annex_fields_say"))
    for pinned in tender.contracts:
        yield _tabulate_fields(get(pinned.id), tender, order, say)
    yield Heading(1, say("annex_all"), annex=True)
    yield Paragraph(say("annex_all_say"))
    yield _tabulate_requirements(tender, say)
    yield Heading(1, say("annex_codes"), annex=True)
    code_rows = []
    for name in tender.list_code_lists():
        listed = nomenclatures.get(name)
        shown = ", ".join(listed.codes[:6]) + (", …" if len(listed) > 6 else "")
        state = f"{listed.version}, {format_day(listed.date.isoformat(), language)}"
        code_rows.append(
            (TableCell(name, listed.fr if language == "fr" else listed.en), str(len(listed)), shown, state)
        )
    code_heads = tuple(say(head) for head in ("list", "codes", "example", "state"))
    yield TableBlock(
        caption=say("annex_codes"), heads=code_heads, rows=tuple(code_rows), widths=(0.34, 0.1, 0.32, 0.24)
    )
    yield Heading(1, say("annex_words"), annex=True)
    words = [entry[language] for entry in bilingual_texts.load_texts("document")["word"]]
    rows = tuple((typeset(entry["word"]), typeset(entry["says"])) for entry in words)
    heads = (say("word"), say("meaning"))
    yield TableBlock(caption=say("annex_words"), heads=heads, rows=rows, widths=(0.3, 0.7))


def _tabulate_fields(
    contract: type[Contract], tender: Consultation, order: TenderOrder, say: Callable[..., str]
) -> TableBlock:
    about, levels, language = contract.about, order.contract[contract.about.id].fields, tender.language
    rows = []
    for name in contract.list_fields():
        # Filled by passerelle itself: nothing to ask a bidder for.
        if name in PIPELINE_FIELDS:
            continue
        entry, info = contract.describe_fields()[name], contract.model_fields[name]
        title = bilingual_texts.get_field_title(about.id, name).of(language)
        kind = _write_plainly(describe_type(info.annotation, tuple(info.metadata), language), language)
        protection = f"{get_label(entry.subject, language)} ; {get_label(entry.sensitivity, language)}"
        purposes = _name_purposes(entry, tender, say)
        level = levels.get(name, "P" if info.is_required() else "-")
        example = _write_example(entry.example, say)
        if len(example) > _LONGEST:
            example = example[: _LONGEST - 1] + "…"
        rows.append(
            (
                f"{name}*" if info.is_required() else name,
                title,
                level,
                f"{kind} [{entry.codes}]" if entry.codes else kind,
                example,
                protection,
                purposes,
            )
        )
    named = ("field", "title", "level", "type", "example", "subject", "purposes_served")
    caption = (
        f"{bilingual_texts.get_record_title(about.id).of(language)} ({about.id}, {say('version')} {about.version})"
    )
    return TableBlock(
        caption=caption,
        heads=tuple(say(head) for head in named),
        rows=tuple(rows),
        widths=(0.15, 0.15, 0.07, 0.16, 0.18, 0.12, 0.17),
        is_wide=True,
    )


def _name_purposes(entry: FieldMeta, tender: Consultation, say: Callable[..., str]) -> str:
    """Return the purposes of the tender that a field serves, besides portability, which has a right to all."""
    asked = [one for one in tender.purposes if one is not Purpose.PORTABILITY]
    served = [one for one in asked if entry.serves(one)]
    if not served:
        return say("portability_only")
    return say("every_purpose") if served == asked else ", ".join(get_label(one, tender.language) for one in served)


def _write_plainly(kind: str, language: str) -> str:
    """Write a type without the names that programs use."""
    for name, entry in bilingual_texts.load_texts("document")["objects"].items():
        for head in (f"{get_label(FieldKind.OBJECT, language)} `{name}`", f"`{name}`"):
            kind = kind.replace(head, entry[language])
    return kind.replace("`", "")


def _write_example(value: Any, say: Callable[..., str]) -> str:
    """Write an example as a person would."""
    if isinstance(value, bool):
        return say("true" if value else "false")
    if isinstance(value, list):
        return _write_example(value[0], say)
    if isinstance(value, dict):
        shown = value.get("original") or value.get("code") or value.get("value")
        return str(shown or ", ".join(str(part) for part in value.values()))
    return str(value)


def _tabulate_requirements(tender: Consultation, say: Callable[..., str]) -> TableBlock:
    language = tender.language
    rows = tuple(
        (
            one.id,
            one.level.value,
            str(one.weight),
            one.title.of(language),
            " ".join(filter(None, (one.contract, one.field))),
            describe_measure(one, say, language),
            say(one.proof.value),
        )
        for one in tender.requirements
    )
    heads = tuple(say(name) for name in ("number", "level", "weight", "requirement", "field", "measure", "proof"))
    widths = (0.12, 0.07, 0.06, 0.3, 0.17, 0.18, 0.1)
    return TableBlock(caption=say("annex_all"), heads=heads, rows=rows, widths=widths, is_wide=True)


def describe_measure(one: Requirement, say: Callable[..., str], language: str) -> str:
    """Write a measure with its thresholds: `part remplie, 90 % à 99,5 %`."""
    names = {Measure.ANSWER: "declared", Measure.CODES: "m_codes", Measure.VOLUME: "m_volume"}
    measured = say(names.get(one.measure, one.measure.value))
    if one.figure:
        return f"{measured} ≥ {format_count(one.figure, language)}"
    if one.measure is Measure.PRESENT:
        return f"{measured} ≥ {format_share(one.green, language)}"
    if one.red:
        return f"{measured}, {format_share(one.red, language)} → {format_share(one.green, language)}"
    return measured
