"""What the new software holds once it has taken everything in: files in its layouts, and what its API was sent.

It stands for the other side of a move: persons in Carnet de bord's import file, visits as ESPPADOM messages, everything
else as an API that takes contracts has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.contracts.fact import Purpose
from passerelle.edges.destinations.documents import DocumentDestination
from passerelle.edges.destinations.folder import FolderDestination
from passerelle.engine.register import Register
from passerelle.engine.writing import Writer
from passerelle.stages.translate.rendering import render
from passerelle.stages.translate.sharing import several
from passerelle.switching.decisions import Decisions, To
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.parcels import BatchKey, Ready

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.extension.loading import Plugins
    from passerelle.stages.translate.table import Table
    from passerelle.switching.snapshot import Snapshot
    from passerelle.vocabulary.ports import Destination

LAYOUTS = {"person/1": "carnet-de-bord-beneficiaries-csv", "visit/1": "esppadom-delivery"}
"""Contracts that go into a layout; the others go to an API that takes contracts."""
DECIDED = Decisions(
    codes={("person/1", "occupation_status", "retired"): To("other", "occupation-status")},
    defaults={
        ("visit/1", "organisation_ref"): "compani:organisation:saad-29",
        ("visit/1", "payer_ref"): "compani:organisation:departement-29",
    },
)
"""What people decided: who is retired is «other» in the new list; a message names the service and its payer."""
REGISTER = "annuaire.ndjson"
ORGANISATIONS = (
    '{"ref":"compani:organisation:saad-29","name":"Aide à domicile du Roz"}\n'
    '{"ref":"compani:organisation:departement-29","name":"Département inventé"}\n'
)
"""Whom messages name beside the person: the service and its payer."""
_RECEIVED = "2025-01-02T08:00:00+01:00"
TAKEN = ("person/1", "case/1", "interaction/1", "need/1", "action/1", "visit/1")
"""What the new software takes; visits that are only planned stay behind."""
SETTINGS = """\
[side.ancien]
title = "Service social et télégestion d'aujourd'hui"
exports = [
  { connector = "gaia-social-csv", path = "ancien/service-social.zip" },
  { connector = "compani-interventions", path = "ancien/interventions.csv" },
]

[side.nouveau]
title = "Le nouveau logiciel"

[[side.nouveau.exports]]
connector = "carnet-de-bord-beneficiaries-csv"
path = "nouveau/person-1*.csv"
contracts = ["person/1"]

[[side.nouveau.exports]]
connector = "esppadom-delivery"
path = "nouveau/visit-1*.xml"
contracts = ["visit/1"]
related = ["annuaire.ndjson"]

[[side.nouveau.exports]]
contract = "case/1"
path = "nouveau/case-1*.ndjson"

[[side.nouveau.exports]]
contract = "interaction/1"
path = "nouveau/interaction-1*.ndjson"

[[side.nouveau.exports]]
contract = "need/1"
path = "nouveau/need-1*.ndjson"

[[side.nouveau.exports]]
contract = "action/1"
path = "nouveau/action-1*.ndjson"

[switch.bascule]
from = "ancien"
to = "nouveau"
same_ids = true
"""
"""What `switch.toml` says of this association."""


def move(origin: Snapshot, folder: Path, plugins: Plugins, decisions: Decisions) -> None:
    """Write what the new software holds after an import without any accident."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder.parent / REGISTER).write_text(ORGANISATIONS, encoding="utf-8")
    for contract in TAKEN:
        for number, frame in enumerate(origin.slices(contract)):
            _deliver(decisions.apply(frame, contract), contract, number, folder, plugins)
    for path in sorted(folder.iterdir()):
        path.rename(path.with_name(path.name.removeprefix("nouveau-")))


def _deliver(frame: pl.DataFrame, contract: str, number: int, folder: Path, plugins: Plugins) -> None:
    frame = frame.select(name for name in frame.columns if not name.startswith("_"))
    bodies = _bodies(frame, contract)
    keys = [f"{contract}-{number}-{row}" for row in range(frame.height)]
    frame = frame.drop("extra").with_columns(pl.struct(pl.lit(_RECEIVED).alias("received_at")).alias("source"))
    ready = Ready("nouveau", contract, BatchKey("0" * 64, number), frame, bodies, keys, [1] * frame.height)
    answers = _door(contract, folder, plugins).deliver(ready)
    if any(answer.fate is not Fate.DELIVERED for answer in answers):
        message = f"the new software refuses some records of {contract}"
        raise ValueError(message)


def _door(contract: str, folder: Path, plugins: Plugins) -> Destination:
    if contract not in LAYOUTS:
        return FolderDestination(folder)
    supplier, connector, _plugin = plugins.connector(LAYOUTS[contract])
    if connector.writes:
        writer = Writer(supplier, connector, Register((folder.parent / REGISTER,), Purpose.PORTABILITY))
        return DocumentDestination(folder, writer.extension, writer.write)
    tables = connector.tables
    table = next(table for table in tables if table.contract == contract)
    columns = dict.fromkeys(name for other in tables for name in _columns(other))

    def layout(_contract: str, rows: pl.DataFrame) -> pl.DataFrame:
        written = render(rows, table, supplier=supplier.id)
        return written.with_columns(pl.lit("").alias(name) for name in columns if name not in written.columns)

    return FolderDestination(folder, format="csv", layout=layout)


def _columns(table: Table) -> list[str]:
    """Name all that a table reads: a software writes every column of its own layout, also those it has nothing for."""
    read = (name for entry in table.fields.values() for one in several(entry) for name in one.columns)
    return [*read, *(entry.column for entry in table.where)]


def _bodies(frame: pl.DataFrame, contract: str) -> list[bytes]:
    """Write records as an API is sent them."""
    plain = canonical.encode(frame.drop("extra"), contracts.get(contract)).to_list()
    extras = frame.get_column("extra").to_list()
    return [
        (f'{text[:-1]},"extra":{extra}}}' if extra else text).encode()
        for text, extra in zip(plain, extras, strict=True)
    ]
