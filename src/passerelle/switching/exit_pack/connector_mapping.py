"""How a connector reads its supplier: each column, the field it fills, and the meaning of each of its words."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from passerelle.vocabulary.spreadsheet_cells import quote_formula

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.extension.supplier import Connector
    from passerelle.stages.translate.converter import Converter
    from passerelle.stages.translate.table import Table, Where

_HEADS = ("élément", "colonne", "contrat", "champ", "conversion", "mot de l'éditeur", "code")


def as_json(supplier: str, connector: Connector, version: str) -> bytes:
    """Return the whole mapping for programs."""
    document = {
        "format": "passerelle.mapping/1",
        "supplier": supplier,
        "connector": connector.id,
        "version": version,
        "title": connector.title,
        "dialect": type(connector.dialect).__name__,
        "unknown": list(connector.nulls),
        "none": list(connector.nothing),
        "tables": [_describe_table(table) for table in connector.tables],
        "left_out": [
            {"member": scope.member, "where": _list_conditions(scope.where), "fr": scope.fr, "en": scope.en}
            for scope in connector.out_of_scope
        ],
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def as_csv(connector: Connector) -> bytes:
    """Return the same for people: one line a column and word."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(_HEADS)
    for table in connector.tables:
        for name, converter in _iter_converters(table):
            kind = type(converter).__name__
            columns = ", ".join(converter.columns)
            words = _list_words(converter) or {"": ""}
            writer.writerows(
                map(quote_formula, (table.member, columns, table.contract, name, kind, word, code))
                for word, code in words.items()
            )
        for column, reason in table.waived.items():
            writer.writerow(map(quote_formula, (table.member, column, table.contract, "", "", reason, "")))
    return text.getvalue().encode("utf-8-sig")


def _describe_table(table: Table) -> dict[str, Any]:
    return {
        "contract": table.contract,
        "member": table.member,
        "where": _list_conditions(table.where),
        "fields": [
            {
                "field": name,
                "columns": list(converter.columns),
                "conversion": type(converter).__name__,
                "words": _list_words(converter),
            }
            for name, converter in _iter_converters(table)
        ],
        "not_carried": dict(table.waived),
        "carried_as_they_are": list(table.carried),
    }


def _list_conditions(where: Sequence[Where]) -> list[dict[str, Any]]:
    return [
        {
            "column": condition.column,
            "values": list(condition.values),
            "negated": condition.negated,
            # Only what most conditions do not say: the shape of the others stays as people know it.
            **({} if condition.holding == "equal" else {"holding": condition.holding, "also": list(condition.also)}),
        }
        for condition in where
    ]


def _iter_converters(table: Table) -> Iterator[tuple[str, Converter]]:
    for name, entry in table.fields.items():
        for converter in entry if isinstance(entry, Sequence) else (entry,):
            yield name, converter


def _list_words(converter: Any) -> dict[str, str]:
    """Return the supplier's words with our codes, of a converter or of those inside it."""
    words: dict[str, str] = {}
    for inner in getattr(converter, "converters", ()):
        words |= _list_words(inner)
    # By attribute and not by class: plugins may bring converters of their own.
    for name in ("table", "words"):
        table = getattr(converter, name, None)
        if isinstance(table, Mapping):
            words |= {str(word): str(code) for word, code in table.items()}
    for name, meaning in (("yes", "true"), ("no", "false")):
        words |= dict.fromkeys(getattr(converter, name, ()), meaning)
    return words
