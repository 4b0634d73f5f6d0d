"""An exit pack that was written or checked, as people and programs read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.documents.text_table import write_table
from passerelle.vocabulary.formatting import format_count, format_labelled
from passerelle.vocabulary.language import _, translate_plural
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.switching.exit_pack.manifest import PackManifest
    from passerelle.switching.exit_pack.pack_report import PackReport


def describe_pack(manifest: PackManifest, output: Path) -> dict[str, Any]:
    """Return a pack that was written, `passerelle.exit-pack/1`."""
    return {
        "file": output.name,
        "export_id": manifest.export_id,
        "type": manifest.type,
        "status": manifest.status,
        "persons": manifest.persons,
        "contracts": {held.contract: held.records for held in manifest.contracts},
        "files": len(manifest.files),
    }


def format_pack(manifest: PackManifest, output: Path) -> str:
    """Write a pack as a table of its contracts, with what is missing from it."""
    rows = [
        (held.contract, format_count(held.records), format_count(held.persons), f"{held.first} – {held.last}")
        for held in manifest.contracts
    ]
    lines = [write_table((_("contract"), _("records"), _("persons"), _("period")), rows)]
    missing = sum(bool(file.trouble) for file in manifest.received)
    if missing:
        words = translate_plural(
            "{count} file as received is missing or unreadable: the pack is partial.",
            "{count} files as received are missing or unreadable: the pack is partial.",
            missing,
        )
        lines.append(words.format(count=format_count(missing)))
    lines.append(
        _("Written: {file} ({type}, id {id})").format(file=output.name, type=manifest.type, id=manifest.export_id[:16])
    )
    return "\n".join(lines)


def describe_verification(report: PackReport) -> dict[str, Any]:
    """Return what checking a pack found, `passerelle.exit-pack.verify/1`."""
    return {
        "export_id": report.manifest.export_id,
        "good": report.is_good,
        "records": report.records,
        "counts": dict(sorted(report.counts.items())),
        "findings": [
            {
                "reason": finding.code,
                "path": finding.path,
                "line": finding.line or None,
                "facts": dict(finding.details),
            }
            for finding in report.findings
        ],
    }


def format_verification(report: PackReport) -> str:
    """Write what checking a pack found: one line for each finding, with its file and line."""
    if report.is_good:
        words = _("The pack is whole: {records} records, {files} files, as the manifest {id} says.")
        files = format_count(len(report.manifest.files))
        return words.format(records=format_count(report.records), files=files, id=report.manifest.export_id[:16])
    lines = []
    for finding in report.findings:
        where = f"{finding.path}:{finding.line}" if finding.line else finding.path
        lines.append(format_labelled(where, explain(finding.code, finding.details)[0]))
    # a report keeps the first findings of each code and counts the others
    hidden = sum(report.counts.values()) - len(report.findings)
    if hidden:
        lines.append(_("… and {count} more of the same.").format(count=format_count(hidden)))
    return "\n".join(lines)
