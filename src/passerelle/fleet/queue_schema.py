"""The tables of the queue: expanded by the first worker of a later version, contracted after the last of an earlier.

The library of the queue names its migrations `pre` (before any worker of the new version) and `post` (after the last
worker of the old one). What was done stands as a comment on the table, which a copy of the database keeps.
"""

from __future__ import annotations

import json
import re
from dataclasses import field
from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING

from sqlalchemy import text

from passerelle.stores.database import open_reader, open_writer
from passerelle.stores.worker_roll import make_roll
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sqlalchemy import Connection, Engine

_LOCK = 7_061_738
"""Number of the advisory lock under which the tables are made and changed: any, but always the same."""
_IS_THERE = text(
    "SELECT to_regclass('procrastinate_jobs') IS NOT NULL AND to_regclass('passerelle_worker') IS NOT NULL"
)
_HAS_JOBS = text("SELECT to_regclass('procrastinate_jobs') IS NOT NULL")
_READ_MARK = text("SELECT obj_description(to_regclass('procrastinate_jobs'), 'pg_class')")
_UNMARKED = "3.10.0"
"""The version whose tables have no mark: the first that was used."""
_NAME = re.compile(r"(\d+\.\d+\.\d+)_\d+_(post_)?")


@dataclass(frozen=True, slots=True)
class QueueVersions:
    """Up to which version of the library the tables were expanded, and up to which contracted."""

    pre: str
    post: str


@dataclass(frozen=True, slots=True)
class QueueLibrary:
    """What the library of the queue brings: its version, and its migrations by name."""

    version: str = field(default_factory=lambda: version("procrastinate"))
    migrations: Mapping[str, str] | None = None
    """None: those of the package."""

    def iter_scripts(self, since: str, *, post: bool) -> Iterator[str]:
        """Yield the migrations of a kind after a version, in their order."""
        told = _read_migrations() if self.migrations is None else self.migrations
        for name in sorted(told):
            found = _NAME.match(name)
            if found and bool(found[2]) is post and _parse(since) < _parse(found[1]) <= _parse(self.version):
                yield told[name]


def make_queue(engine: Engine, library: QueueLibrary | None = None) -> None:
    """Make the tables of the queue where they are not there yet, safely when several workers start together."""
    with open_reader(engine) as connection:
        if connection.execute(_IS_THERE).scalar():
            return
    with open_writer(engine) as connection:
        _lock(connection)
        make_roll(connection)
        if not connection.execute(_HAS_JOBS).scalar():
            own = library or QueueLibrary()
            _run(connection, files("procrastinate.sql").joinpath("schema.sql").read_text("utf-8"))
            _mark(connection, QueueVersions(own.version, own.version))


def upgrade_queue(engine: Engine, library: QueueLibrary, living: Collection[str]) -> QueueVersions:
    """Expand the tables for this version, and contract them once no worker of an earlier one lives.

    `living`: the versions of the workers that give signs of life. Raises FatalError `incident.queue.newer` where they
    were contracted for a version that is later than this one.
    """
    with open_reader(engine) as connection:
        there = _read(connection)
    _refuse_later(there, library)
    if _find_next(there, library, living) == there:
        return there
    with open_writer(engine) as connection:
        _lock(connection)
        there = _read(connection)
        _refuse_later(there, library)
        following = _find_next(there, library, living)
        if following.pre != there.pre:
            for script in library.iter_scripts(there.pre, post=False):
                _run(connection, script)
        if following.post != there.post:
            for script in library.iter_scripts(there.post, post=True):
                _run(connection, script)
        _mark(connection, following)
    return following


def _find_next(there: QueueVersions, library: QueueLibrary, living: Collection[str]) -> QueueVersions:
    """Return what the tables become: never back, and contracted only where every worker that lives is as new."""
    pre = max(there.pre, library.version, key=_parse)
    is_last = all(_parse(each) >= _parse(library.version) for each in living)
    return QueueVersions(pre, max(there.post, library.version, key=_parse) if is_last else there.post)


def _refuse_later(there: QueueVersions, library: QueueLibrary) -> None:
    if _parse(there.post) > _parse(library.version):
        raise FatalError("incident.queue.newer", version=there.post)


def _read(connection: Connection) -> QueueVersions:
    try:
        said = json.loads(connection.execute(_READ_MARK).scalar() or "{}")
        return QueueVersions(str(said.get("pre", _UNMARKED)), str(said.get("post", _UNMARKED)))
    except (ValueError, AttributeError):
        return QueueVersions(_UNMARKED, _UNMARKED)  # somebody's own comment


def _mark(connection: Connection, versions: QueueVersions) -> None:
    mark = json.dumps({"pre": versions.pre, "post": versions.post})
    _run(connection, f"COMMENT ON TABLE procrastinate_jobs IS '{mark}'")


def _run(connection: Connection, script: str) -> None:
    # as it is: its percent signs and colons are no parameters
    connection.exec_driver_sql(script, execution_options={"no_parameters": True})


def _lock(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})


def _parse(words: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", words)[:3])


def _read_migrations() -> dict[str, str]:
    folder = files("procrastinate.sql").joinpath("migrations")
    return {path.name: path.read_text("utf-8") for path in folder.iterdir() if path.name.endswith(".sql")}
