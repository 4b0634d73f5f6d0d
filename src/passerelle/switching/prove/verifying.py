"""Checking a dossier: the signature, each file, and, where the exports are at hand, everything that was computed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from passerelle.switching.prove import fingerprints, sample
from passerelle.switching.prove.dossier import FORMAT, as_bytes
from passerelle.switching.prove.signing import DOSSIER, SIGNATURE, Signed, digest, read
from passerelle.switching.side import Export, Piece, Reading, Side
from passerelle.switching.snapshot import take
from passerelle.vocabulary.errors import PasserelleError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.extension.loading import Plugins
    from passerelle.switching.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that does not hold: a reason code and what it is about."""

    code: str
    about: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Verdict:
    """What verifying found."""

    fingerprint: str
    """Of the key that signed."""
    flaws: list[Flaw] = field(default_factory=list)
    recomputed: list[str] = field(default_factory=list)
    """What was computed again from the exports: `origin person/1` …"""

    def find(self, code: str, about: str, **facts: str) -> None:
        """Note what does not hold."""
        self.flaws.append(Flaw(code, about, facts))


def verify(folder: Path, *, exports: Path | None = None, plugins: Plugins | None = None) -> Verdict:
    """Check a dossier. With the exports and plugins, both sides are read again and all fingerprints compared.

    Raises UsageError for what is no dossier.
    """
    signed = read(folder)
    verdict = Verdict(signed.fingerprint)
    if not signed.is_good:
        verdict.find("validate.dossier.signature", SIGNATURE)
    content = _content(folder, signed, verdict)
    if content is not None and exports is not None and plugins is not None:
        _check_exports(content, exports, plugins, verdict)
    return verdict


def _content(folder: Path, signed: Signed, verdict: Verdict) -> dict[str, Any] | None:
    """Check every file of the folder, and give the document if it can be read at all."""
    there = {path.name for path in folder.iterdir()} - {SIGNATURE}
    for name in sorted(there - set(signed.files)):
        verdict.find("validate.dossier.stranger", name)
    for name, told in signed.files.items():
        if name not in there:
            verdict.find("validate.dossier.absent", name)
        elif digest(folder / name) != told:
            verdict.find("validate.dossier.altered", name)
    try:
        text = (folder / DOSSIER).read_bytes()
        content: dict[str, Any] = json.loads(text)
        known = content["format"] == FORMAT and as_bytes(content) == text
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        known = False
    if not known:
        verdict.find("validate.dossier.form", DOSSIER)
        return None
    return content


def _check_exports(content: dict[str, Any], exports: Path, plugins: Plugins, verdict: Verdict) -> None:
    every = [(digest(path), path) for path in sorted(exports.rglob("*")) if path.is_file()]
    files = dict(every)
    listed = {entry["sha256"] for side in content["sides"].values() for entry in side["files"]}
    for sha256, path in every:
        if sha256 not in listed:
            verdict.find("validate.dossier.unlisted", str(path.relative_to(exports)))
    for side in ("origin", "target"):
        told = content["sides"][side]
        missing = [entry for entry in told["files"] if entry["sha256"] not in files]
        for entry in missing:
            verdict.find("validate.dossier.export", f"{side} {entry['number']}", digest=entry["sha256"][:16])
        if not missing:
            _read_again(content, side, files, plugins, verdict)


def _read_again(
    content: dict[str, Any], side: str, files: Mapping[str, Path], plugins: Plugins, verdict: Verdict
) -> None:
    told = content["sides"][side]
    try:
        again = Side(told["name"], tuple(_export(entry, files, plugins) for entry in told["files"]))
        with TemporaryDirectory(prefix="passerelle-") as private:
            _compare(content, side, take(again, Path(private)), verdict)
    except PasserelleError as error:
        verdict.find("validate.dossier.unread", side, cause=error.code)


def _export(entry: Mapping[str, Any], files: Mapping[str, Path], plugins: Plugins) -> Export:
    path, reader = files[entry["sha256"]], entry["reader"]
    reading = None if "connector_version" not in entry else Reading(*plugins.find_connector(reader))
    if reading is not None and reading.plugin.version != entry["connector_version"]:
        raise UsageError("usage.dossier.version", connector=reader, version=entry["connector_version"])
    only = tuple(entry.get("contracts", ()))
    return Export(lambda: iter([Piece(path.name, lambda: path.open("rb"))]), reading, "" if reading else reader, only)


def _compare(content: dict[str, Any], side: str, snapshot: Snapshot, verdict: Verdict) -> None:
    found = (fingerprints.of_origin if side == "origin" else fingerprints.of_target)(snapshot)
    for one in content["contracts"]:
        contract, about = one["contract"], found.get(one["contract"], {})
        fields = {part["field"]: part[side] for part in one["fields"] if part[side]["known"]}
        same = (
            one[side]["count"] == about.get("count", 0)
            and one[side]["digest"] == about.get("digest")
            and fields == about.get("fields", {})
        )
        verdict.recomputed.append(f"{side} {contract}")
        if not same:
            verdict.find("validate.dossier.fingerprint", f"{side} {contract}")
    if snapshot.manifest["balance"] != content["sides"][side]["balance"]:
        verdict.find("validate.dossier.balance", side)
    drawn = content["sample"]
    if side == "origin" and sample.draw(snapshot, drawn["seed"], drawn["size"]) != drawn["drawn"]:
        verdict.find("validate.dossier.sample", side)
