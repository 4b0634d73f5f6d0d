"""Making an exit pack: read what is held, choose, write one archive, note it in the audit trail."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003  a field that dataclasses look at
from importlib.metadata import version
from typing import IO, TYPE_CHECKING, Any

from passerelle.stores.disk import sync_folder, translate_disk_errors
from passerelle.switching.exit_pack import beside, holding, index, writing
from passerelle.switching.exit_pack.archive import Archive
from passerelle.switching.exit_pack.manifest import INDEX, MANIFEST, File, Manifest, Period, Publisher, Read, Received
from passerelle.switching.exit_pack.sealing import Sealing
from passerelle.switching.exit_pack.selection import Selection
from passerelle.switching.exit_pack.spool import Spool
from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from passerelle.engine.assembly import Workspace
    from passerelle.switching.exit_pack.holding import Held, Reading
    from passerelle.switching.exit_pack.manifest import Holding, Type

SOFTWARE = "passerelle-social"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked for. The moment is part of it, so that the same order gives the same bytes."""

    at: datetime
    selection: Selection = field(default_factory=Selection)
    type: Type = "MASSIF"
    publisher: Publisher = field(default_factory=Publisher)
    settings: bool = False
    """Put the settings in. They hold references of secrets, no secret."""
    passphrase: str = ""
    """Empty: the pack is in clear."""
    who: str = ""
    """Who asks, for the audit trail."""


def pack(
    house: Workspace, output: Path, order: Order, progress: Callable[[int, int], None] = lambda _done, _total: None
) -> Manifest:
    """Write a pack, whole or not at all, readable by its owner alone; `progress` is told bytes done, and of how many.

    Raises UsageError when the file is there already, FatalError when the disk or the depot fails.
    """
    house.journal.append_audit("exit_pack", order.type, order.selection.person, house.clock.now(), order.who)
    held = holding.parcels(house)
    total = sum(one.row.size for one in held if one.is_here)
    spool = Spool(house.settings.state, order.selection)
    try:
        readings = holding.read(house, held, spool, lambda done: progress(done, total))
        spool.settle()
        with _target(output) as stream, _sealed(stream, order.passphrase) as target:
            return _write(Archive(target), house, order, spool, (held, readings))
    finally:
        spool.close()


@contextmanager
def _target(output: Path) -> Iterator[IO[bytes]]:
    """Lend a file that gets its name once it is whole."""
    if output.exists():
        raise UsageError("usage.file.exists", file=output.name)
    if not output.parent.is_dir():
        raise UsageError("usage.file.unreadable", file=output.name)
    draft = output.with_name(f".{output.name}.part")
    with translate_disk_errors():
        draft.unlink(missing_ok=True)
        stream = os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
    try:
        with stream:
            yield stream
            with translate_disk_errors():
                stream.flush()
                os.fsync(stream.fileno())
        with translate_disk_errors():
            draft.replace(output)
            sync_folder(output.parent)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _sealed(stream: IO[bytes], passphrase: str) -> Iterator[IO[bytes]]:
    if not passphrase:
        yield stream
        return
    with Sealing.under(stream, passphrase) as sealing:
        yield sealing  # type: ignore[misc]  # a raw stream is one: zipfile only writes


def _write(
    archive: Archive, house: Workspace, order: Order, spool: Spool, found: tuple[list[Held], dict[str, Reading]]
) -> Manifest:
    held, readings = found
    going, present = sorted(spool.files), writing.present(spool)
    written = [writing.write(archive, spool.files[name], present) for name in going if spool.files[name].going]
    persons = sorted({person for one in written for person in one.persons})
    beside.write_mappings(archive, readings)
    beside.write_consents(archive, house, persons)
    if order.selection.is_all:
        beside.write_received(archive, house, held)
        beside.write_quarantine(archive, house)
        beside.write_journal(archive, house)
    if order.settings:
        beside.write_settings(archive, house)
    about = _about(order, held, readings, tuple(one.holding for one in written), len(persons))
    archive.put(INDEX, index.page(about, archive.entries).encode())
    manifest = _closed(about, archive)
    archive.put(MANIFEST, as_bytes(manifest))
    archive.close()
    return manifest


def as_bytes(manifest: Manifest) -> bytes:
    """Write a manifest: the same manifest always gives the same bytes."""
    return (json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n").encode()


def identity(manifest: Manifest) -> str:
    """Compute the id of a pack: the digest of its manifest without the id."""
    return hashlib.sha256(as_bytes(manifest.model_copy(update={"export_id": ""}))).hexdigest()


def _closed(about: Manifest, archive: Archive) -> Manifest:
    files = tuple(
        File(path=one.path, size=one.size, sha256=one.sha256, entity=one.entity, count=one.count)
        for one in sorted(archive.entries, key=lambda entry: entry.path)
    )
    whole = about.model_copy(update={"files": files})
    return whole.model_copy(update={"export_id": identity(whole)})


def _about(
    order: Order, held: list[Held], readings: dict[str, Reading], holdings: tuple[Holding, ...], persons: int
) -> Manifest:
    received = tuple(_received(one, readings, order.selection.is_all) for one in held)
    partial = any(one.trouble for one in received)
    return Manifest(
        export_id="",
        extracted_at=order.at.isoformat(timespec="seconds"),
        type=order.type,
        status="PARTIAL" if partial else "COMPLETE",
        person=order.selection.person,
        period=Period(start=order.selection.start, end=order.selection.end),
        publisher=order.publisher,
        software={"name": SOFTWARE, "version": version(SOFTWARE)},
        persons=persons,
        contracts=holdings,
        connectors=tuple(_read(name, readings[name]) for name in sorted(readings)),
        received=received,
        files=(),
    )


def _received(one: Held, readings: dict[str, Reading], whole: bool) -> Received:  # noqa: FBT001  one of two kinds
    return Received(
        flow=one.row.flow,
        connector=one.connector,
        sha256=one.row.digest,
        size=one.row.size,
        received_at=one.row.received_at.isoformat(timespec="seconds"),
        name=one.name if whole else "",
        path=one.path if whole and one.is_here else "",
        trouble=_trouble(one, readings),
    )


def _trouble(one: Held, readings: dict[str, Reading]) -> str:
    if not one.is_here:
        return holding.GONE
    if not one.connector:
        return holding.UNREAD
    return readings[one.connector].troubles.get((one.row.flow, one.row.digest), "")


def _read(name: str, reading: Reading) -> Read:
    known: dict[str, Any] = {"connector": name, "title": reading.connector.title}
    return Read(
        **known,
        supplier=reading.supplier,
        version=reading.version,
        received=reading.received,
        in_contract_form=reading.accepted,
        aside=dict(sorted(reading.aside.items())),
    )
