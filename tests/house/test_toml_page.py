"""The page on descriptions in TOML names every key with its default, and its examples are descriptions."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any, get_args

import polars as pl
import pytest
from pydantic import BaseModel, TypeAdapter

from passerelle.contracts.catalogue import catalogue
from passerelle.contracts.field_types import list_columns
from passerelle.extension import toml_models
from passerelle.extension.toml_converters import AnySpec, Spec
from passerelle.stages.translate.columnar import evaluate
from passerelle.stages.translate.slot import ConverterSlot

PAGE = (Path(__file__).parents[2] / "docs" / "description-toml.md").read_text("utf-8")
TABLES = {
    "Le fichier": toml_models.SupplierEntry,
    "Un connecteur : `[connector.NOM]`": toml_models.ConnectorEntry,
    "Une table : `[connector.NOM.table.CLÉ]`": toml_models.TableEntry,
    "Des lignes laissées de côté : `[connector.NOM.out_of_scope.CLÉ]`": toml_models.ScopeEntry,
    "Une condition : `where = [{ … }]`": toml_models.WhereEntry,
    "Dialecte `csv`": toml_models.CsvEntry,
    "Dialecte `fixed`": toml_models.FixedEntry,
    "Dialecte `xlsx`": toml_models.XlsxEntry,
    "Dialecte `json`": toml_models.JsonEntry,
    "Dialecte `xml`": toml_models.XmlEntry,
    "Entrer dans une API : `[connector.NOM.access]`": toml_models.AccessEntry,
    "Envoyer à une API : `[connector.NOM.send]`": toml_models.SendEntry,
}
SPECS: dict[str, type[Spec]] = {
    get_args(spec.model_fields["kind"].annotation)[0]: spec for spec in get_args(get_args(AnySpec)[0])
}


def section(title: str) -> str:
    found = re.search(rf"^(#+) {re.escape(title)}\n(.*?)(?=^#{{1,3}} |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"no section «{title}»"
    return found[2]


def rows(title: str) -> dict[str, tuple[str, str]]:
    table = re.findall(r"^\| `(\w+)` \| ([^|]*) \| (.+) \|$", section(title), re.MULTILINE)
    return {key: (default, meaning) for key, default, meaning in table}


def write_default(model: type[BaseModel], key: str) -> str:
    entry = model.model_fields[key]
    if entry.is_required():
        return "obligatoire"
    value: Any = entry.get_default(call_default_factory=True)
    if value is None:
        return "rien"
    if isinstance(value, dict | BaseModel):
        return "`{}`"
    # what is left is written as TOML writes it: as JSON does
    return f"`{json.dumps(value, ensure_ascii=False)}`"


@pytest.mark.parametrize("title", [*TABLES, *(f"`{kind}`" for kind in SPECS)])
def test_every_key_is_on_the_page_with_its_default_and_no_other(title):
    model = TABLES.get(title) or SPECS[title.strip("`")]
    told = rows(title)
    expected = {key: write_default(model, key) for key in model.model_fields if key != "kind"}
    assert {key: default for key, (default, _meaning) in told.items()} == expected


def test_every_dialect_and_every_converter_has_its_section():
    dialects = {
        get_args(one.model_fields["kind"].annotation)[0] for one in get_args(get_args(toml_models.AnyDialect)[0])
    }
    assert dialects == {title.split("`")[1] for title in TABLES if title.startswith("Dialecte")}
    assert re.findall(r"^### `(\w+)`$", PAGE, re.MULTILINE) == list(SPECS)


@pytest.mark.parametrize("kind", SPECS)
def test_the_example_of_a_converter_makes_it_for_a_field_that_takes_it(kind):
    block = re.search(rf"<!-- converter: {kind} -->\n```toml\n(.*?)```", PAGE, re.DOTALL)
    assert block
    ((field, raw),) = tomllib.loads(block[1]).items()
    converters = [_make(one) for one in (raw if isinstance(raw, list) else [raw])]
    assert raw[0]["kind"] == kind if isinstance(raw, list) else raw["kind"] == kind
    dtypes = [list_columns(contract)[field] for contract in catalogue().values() if field in list_columns(contract)]
    for converter in converters:
        assert any(_fits(converter, field, dtype) for dtype in dtypes), f"no contract has such a field «{field}»"


def _make(raw: Any) -> Any:
    spec: Spec = TypeAdapter(AnySpec).validate_python(raw)
    return spec.make_converter(lambda _file: {"Bureau": "on_site_planned"})


def _fits(converter: Any, field: str, dtype: pl.DataType) -> bool:
    slot = ConverterSlot.of(field, converter, dtype)
    empty = pl.DataFrame(schema=dict.fromkeys(converter.columns, pl.String()))
    try:
        (evaluated,) = evaluate(empty, [slot])
    except pl.exceptions.PolarsError:
        return False
    return evaluated is None or evaluated[0].dtype == dtype
