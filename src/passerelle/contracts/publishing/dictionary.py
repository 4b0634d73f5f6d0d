"""Markdown dictionaries of the contracts, in French and in English, one page per contract."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from passerelle import nomenclatures
from passerelle.contracts import field_types
from passerelle.contracts.publishing.published_texts import explain_reason, get_label
from passerelle.contracts.types import FieldKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pydantic import BaseModel

    from passerelle.contracts.contract import Contract
    from passerelle.contracts.field_meta import FieldMeta


def write_dictionary(contract: type[Contract], language: str) -> str:
    """Return the page of a contract."""
    about = contract.about
    title, text = (about.fr_title, about.fr) if language == "fr" else (about.en_title, about.en)
    end = f" ; {get_label('supported_until', language)} {about.support_until}" if about.support_until else ""
    blocks = [
        f"# {title} (`{about.id}`)",
        text,
        f"{get_label('version', language)} {about.version}{end}",
        f"## {get_label('fields', language)}",
        _write_fields(contract, language),
        f"## {get_label('protection', language)}",
        get_label("portability", language),
        _write_protection(contract, language),
        *_write_words(contract, language),
        *_write_parts(contract, language),
        *_write_rules(contract, language),
    ]
    return "\n\n".join(blocks) + "\n"


def write_changes(contract: type[Contract]) -> str:
    """Return the page of what changed in each version, in both languages."""
    about = contract.about
    heads = [f"# {about.fr_title} / {about.en_title} (`{about.id}`)"]
    return "\n\n".join([*heads, *(f"## {number}\n\n{fr}\n\n{en}" for number, fr, en in about.changes)]) + "\n"


def write_index(contracts: Iterable[type[Contract]]) -> str:
    """Return the page that lists all contracts."""
    rows = [
        (
            f"[`{contract.about.id}`]({contract.about.id}/)",
            contract.about.version + (f" (→ {contract.about.support_until})" if contract.about.support_until else ""),
            str(len(contract.model_fields)),
            contract.about.fr_title,
            contract.about.fr,
            contract.about.en_title,
        )
        for contract in contracts
    ]
    heads = ("Contrat / Contract", "Version", "Champs / Fields", "Intitulé", "Une ligne", "Title")
    return f"# Contrats d'interface / Contracts\n\n{_INTRODUCTION}\n\n{_write_table(heads, rows)}\n"


_INTRODUCTION = """\
Produit par `make contracts` ; ne pas modifier à la main. / Made by `make contracts`; do not edit by hand.

- `schema.json` : ce qui peut être émis / what may be sent; `schema.reading.json` : ce qu'il faut savoir lire / what one
  must be ready to read (JSON Schema 2020-12 ; `$` = fin du texte / end of the text, ECMA-262);
- `dictionnaire.md`, `dictionary.md` ; `odcs.yaml` (ODCS 3.1) ; `modele.csv`, `modele.xlsx` : à remplir / to fill in;
- `accepted.jsonl`, `doubtful.jsonl` (accepté avec un avertissement / accepted with a warning), `refused.jsonl` (avec le
  code du motif / with the reason code; `rule` : règle entre champs, qu'un schéma ne voit pas / no schema can see it);
- `openapi.json` : tous les contrats / all contracts."""


def _write_fields(contract: type[Contract], language: str) -> str:
    heads = ("field", "title", "type", "required", "description", "example", "codes", "origin")
    rows = []
    for name in contract.list_fields():
        entry, info = contract.describe_fields()[name], contract.model_fields[name]
        title, text = (entry.fr_title, entry.fr) if language == "fr" else (entry.en_title, entry.en)
        required = get_label("yes" if info.is_required() else "no", language)
        example = f"`{json.dumps(entry.example, ensure_ascii=False)}`"
        kind = describe_type(info.annotation, tuple(info.metadata), language) + _write_notes(entry, language)
        description = text + _write_deprecation(entry, language)
        openness = get_label("open" if entry.open_codes else "closed", language)
        codes = f"`{entry.codes}` ({openness})" if entry.codes else ""
        rows.append((f"`{name}`", title, kind, required, description, example, codes, entry.origin))
    return _write_table([get_label(head, language) for head in heads], rows)


def describe_type(annotation: Any, beside: tuple[Any, ...], language: str) -> str:
    """Return a type in words: `texte (au plus 255 caractères)`."""
    shape = field_types.find_shape(annotation, beside)
    kind = get_label(shape.kind, language)
    if shape.kind is FieldKind.LIST:
        return f"{kind} {describe_type(field_types.get_item_type(annotation), (), language)}"
    if shape.kind is FieldKind.OBJECT:
        return f"{kind} `{field_types.get_model(annotation).__name__}`"
    if shape.kind is FieldKind.TEXT and shape.max_length:
        return f"{kind} ({get_label('at_most', language)} {shape.max_length} {get_label('characters', language)})"
    return kind


def _write_notes(entry: FieldMeta, language: str) -> str:
    notes = [f"{get_label('reference', language)} `{entry.reference}`"] if entry.reference else []
    notes += [f"{get_label('unit', language)} : {entry.unit}"] if entry.unit else []
    return f" ; {', '.join(notes)}" if notes else ""


def _write_deprecation(entry: FieldMeta, language: str) -> str:
    """Return the notice of a deprecated field: until when, and its replacement."""
    if entry.deprecated is None:
        return ""
    deprecation = entry.deprecated
    since = f"{get_label('deprecated', language)} {deprecation.since}"
    until = f"{get_label('until', language)} {deprecation.until}"
    return f" **{since}, {until} ; {get_label('replaced_by', language)} `{deprecation.replacement}`.**"


def _write_protection(contract: type[Contract], language: str) -> str:
    heads = [get_label(head, language) for head in ("field", "subject", "sensitivity", "purposes")]
    rows = [
        (
            f"`{name}`",
            get_label(entry.subject, language),
            get_label(entry.sensitivity, language),
            ", ".join(get_label(purpose, language) for purpose in entry.purposes),
        )
        for name, entry in ((name, contract.describe_fields()[name]) for name in contract.list_fields())
    ]
    return _write_table(heads, rows)


def _write_words(contract: type[Contract], language: str) -> Iterator[str]:
    rows = [
        (f"`{name}`", f"`{code}`", nomenclatures.get(entry.codes).get_label(code, language))
        for name, entry in contract.describe_fields().items()
        if entry.codes and not entry.open_codes
        for code in nomenclatures.get(entry.codes).codes
    ]
    if rows:
        yield f"## {get_label('words', language)}"
        yield _write_table([get_label(head, language) for head in ("field", "word", "title")], rows)


def _write_parts(contract: type[Contract], language: str) -> Iterator[str]:
    yield f"## {get_label('parts', language)}"
    heads = [get_label(head, language) for head in ("field", "type", "required")]
    for model in _list_models(contract):
        rows = [
            (
                f"`{name}`",
                describe_type(info.annotation, tuple(info.metadata), language),
                get_label("yes" if info.is_required() else "no", language),
            )
            for name, info in model.model_fields.items()
        ]
        yield f"### `{model.__name__}`"
        yield _write_table(heads, rows)


def _list_models(contract: type[Contract]) -> list[type[BaseModel]]:
    """Return the object models that a contract uses, once each, sorted by name."""
    found: dict[str, type[BaseModel]] = {}
    for info in contract.model_fields.values():
        annotation: Any = info.annotation
        shape = field_types.find_shape(annotation, tuple(info.metadata))
        if shape.kind is FieldKind.LIST:
            annotation = field_types.get_item_type(annotation)
            shape = field_types.find_shape(annotation)
        if shape.kind is FieldKind.OBJECT:
            model = field_types.get_model(annotation)
            found[model.__name__] = model
    # By name: the order of the fields changes from version to version, and pages are compared.
    return [found[name] for name in sorted(found)]


def _write_rules(contract: type[Contract], language: str) -> Iterator[str]:
    if contract.rules:
        rows = [
            (
                f"`{rule.code}`",
                ", ".join(f"`{name}`" for name in rule.fields),
                get_label("warns" if rule.warns else "refuses", language),
                *explain_reason(rule.code, language),
            )
            for rule in contract.rules
        ]
        yield f"## {get_label('rules', language)}"
        yield _write_table([get_label(head, language) for head in ("rule", "fields", "effect", "says", "advice")], rows)


def _write_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    def write_row(cells: Sequence[str]) -> str:
        # A bar inside of a cell would end it.
        return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"

    return "\n".join([write_row(heads), write_row(["---"] * len(heads)), *(write_row(row) for row in rows)])
