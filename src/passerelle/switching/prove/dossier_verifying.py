"""Checks a dossier: the signature, each file, and, where the exports are at hand, everything that was computed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from passerelle.switching.prove import fingerprints, sample
from passerelle.switching.prove.carried_descriptions import load_carried
from passerelle.switching.prove.dossier import FORMAT, READABLE, as_bytes
from passerelle.switching.prove.recomparing import list_changed_parts
from passerelle.switching.prove.signing import DOSSIER, SIGNATURE, DossierSignature, digest, read_signature
from passerelle.switching.side import ExportPiece, ExportReader, Side, SideExport
from passerelle.switching.snapshot import take_snapshot
from passerelle.vocabulary.errors import PasserelleError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.extension.plugins import Plugins
    from passerelle.switching.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class DossierFlaw:
    """One thing that does not hold: a reason code and what it is about."""

    code: str
    about: str
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class DossierReport:
    """The result of a verification."""

    fingerprint: str
    """The fingerprint of the key that signed."""
    flaws: list[DossierFlaw] = field(default_factory=list)
    recomputed: list[str] = field(default_factory=list)
    """What was computed again from the exports: `origin person/1` …"""
    described: list[str] = field(default_factory=list)
    """Connectors whose descriptions the dossier itself carries: files were read by them."""

    @property
    def is_as_signed(self) -> bool:
        """Return whether nothing was changed, as far as this edition can tell."""
        return all(flaw.code == "validate.dossier.older" for flaw in self.flaws)

    def add_flaw(self, code: str, about: str, **facts: str) -> None:
        """Add a thing that does not hold."""
        self.flaws.append(DossierFlaw(code, about, facts))


def verify_dossier(folder: Path, *, exports: Path | None = None, plugins: Plugins | None = None) -> DossierReport:
    """Check a dossier. With the exports and plugins, both sides are read again and all fingerprints compared.

    Raises UsageError for what is no dossier.
    """
    signed = read_signature(folder)
    verdict = DossierReport(signed.fingerprint)
    if not signed.is_good:
        verdict.add_flaw("validate.dossier.signature", SIGNATURE)
    content = _check_files(folder, signed, verdict)
    if content is not None and exports is not None and plugins is not None:
        _check_exports(content, exports, plugins, verdict)
    return verdict


def _check_files(folder: Path, signed: DossierSignature, verdict: DossierReport) -> dict[str, Any] | None:
    """Check every file of the folder; return the document if it can be read at all."""
    present = {path.name for path in folder.iterdir()} - {SIGNATURE}
    # A file that was added is a flaw as well: a reader would take it for part of the proof.
    for name in sorted(present - set(signed.files)):
        verdict.add_flaw("validate.dossier.stranger", name)
    for name, sha256 in signed.files.items():
        if name not in present:
            verdict.add_flaw("validate.dossier.absent", name)
        elif digest(folder / name) != sha256:
            verdict.add_flaw("validate.dossier.altered", name)
    try:
        text = (folder / DOSSIER).read_bytes()
        content: dict[str, Any] = json.loads(text)
        is_canonical = content["format"] in READABLE and as_bytes(content) == text
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        is_canonical = False
    if not is_canonical:
        verdict.add_flaw("validate.dossier.form", DOSSIER)
        return None
    return content


def _check_exports(content: dict[str, Any], exports: Path, plugins: Plugins, verdict: DossierReport) -> None:
    # By digest, never by name: a dossier does not tell the names of files, which may name persons.
    every = [(digest(path), path) for path in sorted(exports.rglob("*")) if path.is_file()]
    files = dict(every)
    listed = {entry["sha256"] for side in content["sides"].values() for entry in side["files"]}
    for sha256, path in every:
        if sha256 not in listed:
            verdict.add_flaw("validate.dossier.unlisted", str(path.relative_to(exports)))
    with TemporaryDirectory(prefix="passerelle-") as private:
        find_reader = _ReaderFinder(plugins, load_carried(content, Path(private)), verdict)
        read = {
            side: _read_side(content, side, files, find_reader, Path(private), verdict) for side in ("origin", "target")
        }
        origin, target = read["origin"], read["target"]
        if origin is None or target is None:
            return
        snapshots = (origin[1], target[1])
        try:
            changed = list_changed_parts(content, target[0], snapshots, Path(private))
        except PasserelleError as error:
            verdict.add_flaw("validate.dossier.unread", "comparison", cause=error.code)
            return
        except (AttributeError, KeyError, TypeError, ValueError):
            # An honest dossier of the first edition, or one whose terms were taken out: nobody can tell which.
            verdict.add_flaw("validate.dossier.terms", "comparison")
            return
        if changed and content["format"] != FORMAT:
            # Older rules find other things in the same exports: this accuses nobody, and proves nothing either.
            verdict.add_flaw("validate.dossier.older", "comparison", parts=", ".join(changed))
            return
        verdict.recomputed.append("comparison")
        for part in changed:
            verdict.add_flaw("validate.dossier.comparison", part)


def _read_side(
    content: dict[str, Any],
    side: str,
    files: Mapping[str, Path],
    find_reader: _ReaderFinder,
    private: Path,
    verdict: DossierReport,
) -> tuple[Side, Snapshot] | None:
    """Read a side again and hold it against its fingerprints; None when it could not be read."""
    entries = content["sides"][side]["files"]
    missing = [entry for entry in entries if entry["sha256"] not in files]
    for entry in missing:
        verdict.add_flaw("validate.dossier.export", f"{side} {entry['number']}", digest=entry["sha256"][:16])
    if missing:
        return None
    try:
        again = Side(
            content["sides"][side]["name"], tuple(_make_export(entry, files, find_reader) for entry in entries)
        )
        snapshot = take_snapshot(again, private / side, is_sealed=True)
        _compare_side(content, side, snapshot, verdict)
    except PasserelleError as error:
        verdict.add_flaw("validate.dossier.unread", side, cause=error.code)
        return None
    return again, snapshot


@dataclass(frozen=True, slots=True)
class _ReaderFinder:
    """Finds how a file was read: by a description that the dossier carries, else by an installed connector."""

    plugins: Plugins
    carried: Mapping[str, ExportReader]
    verdict: DossierReport

    def find(self, entry: Mapping[str, Any]) -> ExportReader | None:
        """Return the reader; None for a file in contract form. Raises UsageError for none, or another version."""
        connector = entry["reader"]
        if "connector_version" not in entry:
            return None
        if connector in self.carried:
            if connector not in self.verdict.described:
                self.verdict.described.append(connector)
            return self.carried[connector]
        reading = ExportReader(*self.plugins.find_connector(connector))
        # Another version may read the same bytes otherwise: a difference would prove nothing against the dossier.
        if reading.plugin.version != entry["connector_version"]:
            raise UsageError("usage.dossier.version", connector=connector, version=entry["connector_version"])
        return reading


def _make_export(entry: Mapping[str, Any], files: Mapping[str, Path], find_reader: _ReaderFinder) -> SideExport:
    path, reader = files[entry["sha256"]], entry["reader"]
    reading = find_reader.find(entry)
    only = tuple(entry.get("contracts", ()))
    return SideExport(
        lambda: iter([ExportPiece(path.name, lambda: path.open("rb"))]), reading, "" if reading else reader, only
    )


def _compare_side(content: dict[str, Any], side: str, snapshot: Snapshot, verdict: DossierReport) -> None:
    recomputed = (fingerprints.fingerprint_origin if side == "origin" else fingerprints.fingerprint_target)(snapshot)
    for entry in content["contracts"]:
        contract, about = entry["contract"], recomputed.get(entry["contract"], {})
        fields = {part["field"]: part[side] for part in entry["fields"] if part[side]["known"]}
        same = (
            entry[side]["count"] == about.get("count", 0)
            and entry[side]["digest"] == about.get("digest")
            and fields == about.get("fields", {})
        )
        verdict.recomputed.append(f"{side} {contract}")
        if not same:
            verdict.add_flaw("validate.dossier.fingerprint", f"{side} {contract}")
    if snapshot.manifest["balance"] != content["sides"][side]["balance"]:
        verdict.add_flaw("validate.dossier.balance", side)
    drawn = content["sample"]
    if side == "origin" and sample.draw_sample(snapshot, drawn["seed"], drawn["size"]) != drawn["drawn"]:
        verdict.add_flaw("validate.dossier.sample", side)
