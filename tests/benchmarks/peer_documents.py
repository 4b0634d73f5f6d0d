"""Peers for documents: each reads a whole document into what it calls a table, as its own documentation shows it.

python peer_documents.py NAME FILE [OUT]   with OUT, each record is written as a line of JSON, by the peer where it can

None of them translates, judges or accounts for anything.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def read_polars(path: Path, out: Path | None) -> None:
    """Let polars read appointments, its schema taken from all of them."""
    import polars as pl  # noqa: PLC0415  the other peers do not pay for it

    table = pl.read_json(path, infer_schema_length=None).explode("rdvs").unnest("rdvs")
    if out:
        table.write_ndjson(out)


def read_duckdb(path: Path, out: Path | None) -> None:
    """Let duckdb read appointments, types found out by it from all of them."""
    import duckdb  # noqa: PLC0415  the other peers do not pay for it

    options = "sample_size=-1, maximum_object_size=2000000000"
    query = f"SELECT unnest(rdvs, max_depth := 2) FROM read_json('{path}', {options})"  # noqa: S608  our own file's name
    if out:
        duckdb.sql(f"COPY ({query}) TO '{out}' (FORMAT json)")
    else:
        duckdb.sql(f"CREATE TABLE rdvs AS {query}")


def read_pandas(path: Path, out: Path | None) -> None:
    """Let pandas flatten appointments that the json module has read."""
    import pandas as pd  # noqa: PLC0415  the other peers do not pay for it

    with path.open(encoding="utf-8") as stream:
        table = pd.json_normalize(json.load(stream)["rdvs"])
    if out:
        table.to_json(out, orient="records", lines=True, force_ascii=False)


def read_pandas_xml(path: Path, out: Path | None) -> None:
    """Let pandas read the one element of each person that is flat: it has no place for what lies deeper."""
    import pandas as pd  # noqa: PLC0415  the other peers do not pay for it

    table = pd.read_xml(path, xpath=".//Personne/Identification", encoding="windows-1252")
    if out:
        table.add_prefix("Identification/").to_json(out, orient="records", lines=True, force_ascii=False)


def read_xmltodict(path: Path, out: Path | None) -> None:
    """Let xmltodict make dictionaries and lists of the whole document."""
    import xmltodict  # noqa: PLC0415  the other peers do not pay for it

    with path.open("rb") as stream:
        households = xmltodict.parse(stream)["Racine"]["InfosFoyerRSA"]
    if out:
        with out.open("w", encoding="utf-8") as lines:
            for household in households:
                persons = household["Personne"]
                for person in persons if isinstance(persons, list) else [persons]:
                    lines.write(json.dumps(person, ensure_ascii=False) + "\n")


PEERS = {
    "polars.read_json": read_polars,
    "duckdb read_json": read_duckdb,
    "pandas.json_normalize": read_pandas,
    "xmltodict": read_xmltodict,
    "pandas.read_xml": read_pandas_xml,
}


if __name__ == "__main__":
    PEERS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None)
