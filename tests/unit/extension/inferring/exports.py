"""The ten and one invented exports, each with its truth: which field each column is."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from passerelle.extension.inferring.proposing import infer

FOLDER = Path(__file__).parents[3] / "samples_to_infer"
EXPORTS = sorted(path for path in FOLDER.iterdir() if path.suffix in {".csv", ".xlsx"})


@dataclass(frozen=True, slots=True)
class Truth:
    contract: str
    columns: dict[str, str]


def truth_of(export: Path) -> Truth:
    raw = tomllib.loads(export.with_name(f"{export.stem}.truth.toml").read_text(encoding="utf-8"))
    return Truth(raw["contract"], raw["columns"])


def export(name: str) -> Path:
    return next(path for path in EXPORTS if path.stem == name)


def proposed(path: Path, **asked):
    with path.open("rb") as stream:
        return infer(stream, **asked)
