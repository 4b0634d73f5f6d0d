"""Makes an exit pack: reads what is held, selects, writes one archive, notes it in the audit trail."""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003  a field that dataclasses look at
from importlib.metadata import version
from typing import IO, TYPE_CHECKING, cast

from passerelle.contracts.field_meta import Purpose
from passerelle.engine.audit.revealing import audit_act
from passerelle.stores.disk import translate_disk_errors
from passerelle.switching.exit_pack import attachments, contract_writing, held_parcels, index_page, summary_papers
from passerelle.switching.exit_pack.archive import Archive
from passerelle.switching.exit_pack.manifest import (
    INDEX,
    MANIFEST,
    ConnectorReading,
    PackFile,
    PackManifest,
    PackPeriod,
    PackPublisher,
    ReceivedFile,
)
from passerelle.switching.exit_pack.pack_selection import PackSelection
from passerelle.switching.exit_pack.record_spool import Spool
from passerelle.switching.exit_pack.sealed_file import SealingWriter
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.safe_files import replace_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.switching.exit_pack.held_parcels import ConnectorOutcome, HeldParcel
    from passerelle.switching.exit_pack.manifest import ContractHolding, PackType

SOFTWARE = "passerelle-social"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitPackOrder:
    """The options of a pack. The moment is one of them, so that the same order gives the same bytes."""

    at: datetime
    selection: PackSelection = field(default_factory=PackSelection)
    type: PackType = "MASSIF"
    publisher: PackPublisher = field(default_factory=PackPublisher)
    settings: bool = False
    """Whether the settings go in. They hold references of secrets, no secret."""
    passphrase: str = ""
    """Empty: the pack is in clear."""
    who: str = ""
    """The operator, for the audit trail."""
    why: str = ""
    """Why values leave, for the audit trail: without it nothing is packed."""


def pack(
    workspace: Workspace,
    output: Path,
    order: ExitPackOrder,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> PackManifest:
    """Write a pack, whole or not at all, readable by its owner alone; `progress` is told bytes done, and of how many.

    Raises UsageError without a reason, and when the file is there already, FatalError when the disk or the depot fails.
    """
    # Before anything is read: an attempt that fails is in the audit trail too.
    subject = f"{order.type} {order.selection.person}".strip()
    audit_act(workspace, "exit_pack", subject, why=order.why, who=order.who, purpose=Purpose.PORTABILITY)
    held = held_parcels.list_parcels(workspace)
    total = sum(parcel.row.size for parcel in held if parcel.is_here)
    spool = Spool(workspace.settings.state, order.selection)
    try:
        outcomes = held_parcels.read_parcels(workspace, held, spool, lambda done: progress(done, total))
        spool.settle()
        with _open_output(output) as stream:
            if not order.passphrase:
                return _write_archive(Archive(stream), workspace, order, spool, (held, outcomes))
            with SealingWriter.from_passphrase(stream, order.passphrase) as sealing:
                # A raw stream will do: zipfile only writes.
                return _write_archive(Archive(cast("IO[bytes]", sealing)), workspace, order, spool, (held, outcomes))
    finally:
        spool.close()


@contextmanager
def _open_output(output: Path) -> Iterator[IO[bytes]]:
    """Open a file that gets its name once it is whole."""
    if output.exists():
        raise UsageError("usage.file.exists", file=output.name)
    if not output.parent.is_dir():
        raise UsageError("usage.file.unreadable", file=output.name)
    with translate_disk_errors(), replace_whole(output) as stream:
        yield stream


def _write_archive(
    archive: Archive,
    workspace: Workspace,
    order: ExitPackOrder,
    spool: Spool,
    sources: tuple[list[HeldParcel], dict[str, ConnectorOutcome]],
) -> PackManifest:
    held, outcomes = sources
    present = contract_writing.collect_refs(spool)
    written = [
        contract_writing.write_contract(archive, spool_file, present)
        for _name, spool_file in sorted(spool.files.items())
        if spool_file.going_count
    ]
    persons = sorted({person for contract in written for person in contract.persons})
    attachments.write_mappings(archive, outcomes)
    attachments.write_consents(archive, workspace, persons, order.at)
    if order.selection.is_all:  # files as received hold other persons and other periods too
        attachments.write_received(archive, workspace, held)
        attachments.write_quarantine(archive, workspace)
        attachments.write_journal(archive, workspace)
    if order.settings:
        attachments.write_settings(archive, workspace)
    about = _make_manifest(order, held, outcomes, tuple(contract.holding for contract in written), len(persons))
    archive.put(summary_papers.DOCUMENT, summary_papers.write_document(about))
    archive.put(summary_papers.WORKBOOK, summary_papers.write_workbook(about))
    archive.put(INDEX, index_page.render_page(about, archive.entries).encode())
    files = tuple(
        PackFile(path=entry.path, size=entry.size, sha256=entry.sha256, entity=entry.entity, count=entry.count)
        for entry in sorted(archive.entries, key=lambda entry: entry.path)
    )
    whole = about.model_copy(update={"files": files})
    manifest = whole.model_copy(update={"export_id": compute_identity(whole)})
    archive.put(MANIFEST, as_bytes(manifest))
    archive.close()
    return manifest


def as_bytes(manifest: PackManifest) -> bytes:
    """Encode a manifest: the same manifest always gives the same bytes."""
    return (json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n").encode()


def compute_identity(manifest: PackManifest) -> str:
    """Compute the id of a pack: the digest of its manifest without the id."""
    return hashlib.sha256(as_bytes(manifest.model_copy(update={"export_id": ""}))).hexdigest()


def _make_manifest(
    order: ExitPackOrder,
    held: list[HeldParcel],
    outcomes: dict[str, ConnectorOutcome],
    holdings: tuple[ContractHolding, ...],
    persons: int,
) -> PackManifest:
    received = tuple(_describe_parcel(parcel, outcomes, whole=order.selection.is_all) for parcel in held)
    partial = any(file.trouble for file in received)
    return PackManifest(
        export_id="",
        extracted_at=order.at.isoformat(timespec="seconds"),
        type=order.type,
        status="PARTIAL" if partial else "COMPLETE",
        person=order.selection.person,
        period=PackPeriod(start=order.selection.start, end=order.selection.end),
        publisher=order.publisher,
        software={"name": SOFTWARE, "version": version(SOFTWARE)},
        persons=persons,
        contracts=holdings,
        connectors=tuple(
            ConnectorReading(
                connector=name,
                title=outcome.connector.title,
                supplier=outcome.supplier,
                version=outcome.version,
                received=outcome.received,
                in_contract_form=outcome.accepted,
                aside=dict(sorted(outcome.aside.items())),
            )
            for name, outcome in sorted(outcomes.items())
        ),
        received=received,
        files=(),
    )


def _describe_parcel(held: HeldParcel, outcomes: dict[str, ConnectorOutcome], *, whole: bool) -> ReceivedFile:
    if not held.is_here:
        trouble = held_parcels.GONE
    elif not held.connector:
        trouble = held_parcels.UNREAD
    else:
        trouble = outcomes[held.connector].troubles.get((held.row.flow, held.row.digest), "")
    return ReceivedFile(
        flow=held.row.flow,
        connector=held.connector,
        sha256=held.row.digest,
        size=held.row.size,
        received_at=held.row.received_at.isoformat(timespec="seconds"),
        name=held.name if whole else "",
        path=held.path if whole and held.is_here else "",
        trouble=trouble,
    )
