"""A SQL query as the source of a flow: what the settings say of it, how it is opened, how its rows are read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo

from passerelle.engine.settings.secrets import resolve
from passerelle.engine.settings.setting_values import DatabaseUrl, Duration, Name, SettingsTable, Whole, Zone
from passerelle.engine.settings.whole_settings import SourceSettings
from passerelle.stages.decode.dialects import Csv
from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from passerelle.edges.sources.query import QuerySource
    from passerelle.extension.supplier import Connector
    from passerelle.vocabulary.ports import Clock

_FILE = ".sql"
_TIMEOUT = timedelta(minutes=5)
_MOST_BYTES = 1 << 20
"""Bytes of a query: what is longer is something else."""


def _locate_file(query: str, info: ValidationInfo) -> str:
    """Return a query, or the absolute path of the file that holds it: one word that ends as such files do."""
    if query.strip().lower().endswith(_FILE) and len(query.split()) == 1:
        return str(Path(info.context or "") / Path(query.strip()).expanduser())
    return query


class SqlSourceSettings(SettingsTable, SourceSettings):
    """A query that is put to a database."""

    kind: Literal["sql"]
    url: DatabaseUrl
    """As that of a database destination: an SQLite file, or the reference of an address."""
    query: Annotated[Name, AfterValidator(_locate_file)]
    """One SELECT statement, or the name of a file that holds it."""
    cursor: str = ""
    """A column of the result that grows: each look goes on from its greatest value. Empty: everything, each time."""
    overlap: Duration | Annotated[int, Field(strict=True, ge=0)] | None = None
    """How far before its cursor a look begins."""
    timeout: Duration | None = None
    """After how long the query is given up; None: five minutes."""
    most_rows: Annotated[Whole, Field(ge=1, le=100_000_000)] = 5_000_000
    zone: Zone = "Europe/Paris"
    """The zone in which a server that knows zones shows its moments."""


def open_query_source(entry: SqlSourceSettings, clock: Clock) -> QuerySource:
    """Open a query. Raises FlowError when it is not one SELECT statement, SettingsError for a wrong address."""
    from passerelle.edges.databases.reading import open_reading_engine  # noqa: PLC0415  kept out of start-up
    from passerelle.edges.sources.overlapping import Overlap  # noqa: PLC0415  see above
    from passerelle.edges.sources.query import QueryLimits, QuerySource  # noqa: PLC0415  see above
    from passerelle.edges.sources.select_statement import check_select  # noqa: PLC0415  see above

    statement = check_select(_read_query(entry.query))
    url = resolve(entry.url).reveal() if isinstance(entry.url, str) else entry.url
    return QuerySource(
        open_reading_engine(url, entry.zone or "Europe/Paris"),
        statement,
        clock,
        entry.cursor,
        Overlap(entry.overlap or 0),
        QueryLimits((entry.timeout or _TIMEOUT).total_seconds(), entry.most_rows),
        entry.zone or "Europe/Paris",
    )


def find_query_file(query: str) -> Path | None:
    """Return the file that holds the query of a source; None where the settings hold it themselves."""
    return Path(query) if query.lower().endswith(_FILE) and Path(query).is_absolute() else None


def _read_query(query: str) -> str:
    file = find_query_file(query)
    if file is None:
        return query
    try:
        content = file.read_bytes()
        if len(content) <= _MOST_BYTES:
            return content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        pass
    raise FlowError("incident.query.unreadable", name=file.name)


def read_rows_of_query(connector: Connector, source: object) -> Connector:
    """Return a connector that reads the rows of a query, whatever files it usually reads; any other source: the same.

    Raises FlowError when its tables stand in several members of a file: a query returns one table.
    """
    if not isinstance(source, SqlSourceSettings):
        return connector
    members = {table.member for table in connector.tables}
    if len(members) > 1:
        raise FlowError("settings.query.many_tables", connector=connector.id)
    tables = connector.tables if members <= {""} else tuple(replace(table, member="") for table in connector.tables)
    return replace(connector, dialect=Csv(encoding="utf-8"), tables=tables)
