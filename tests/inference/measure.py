"""The measure of proposals on invented exports: `make inference` prints it, a test holds it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

from inference import held_out, tuned
from inference.writing import NO_CONTRACT
from passerelle.extension.inferring.proposing import infer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inference.writing import Invented

GROUPS = {"tuned": tuned.EXPORTS, "held out": held_out.EXPORTS}


@dataclass
class Figures:
    """Sums over a group of exports. Columns are only counted where a contract fits."""

    fitting: int = 0
    contracts: int = 0
    strangers: int = 0
    refused: int = 0
    """Files that no contract fits, and that were answered so."""
    columns: int = 0
    right: int = 0
    silent: int = 0
    """Columns given to a wrong field without a question."""
    habits: int = 0
    """Files of which it was said, rightly, which columns repeat as records and what the name says: nothing, mostly."""
    seconds: float = 0.0

    def add(self, export: Invented, *, loud: bool) -> None:
        began = perf_counter()
        found = infer(BytesIO(export.content), name=export.name)
        self.seconds += perf_counter() - began
        fits = found.contract == export.contract
        said = [] if fits else [f"contract {found.contract or 'none'}, not {export.contract or 'none'}"]
        if export.contract == NO_CONTRACT:
            self.strangers += 1
            self.refused += fits
        else:
            self.fitting += 1
            self.contracts += fits
            said += self._count_columns(export)
        if loud and said:
            sys.stdout.write(f"{export.name}: {'; '.join(said)}\n")

    def _count_columns(self, export: Invented) -> list[str]:
        found = infer(BytesIO(export.content), contract=export.contract, name=export.name)
        wrong = []
        habits = (found.each, found.naming.shape)
        self.habits += habits == (export.each, export.shape)
        if habits != (export.each, export.shape):
            wrong.append(f"habits {habits}")
        for column, fields in export.truth.items():
            given = found.fields.get(column, set())
            right = bool(given & fields) if fields and given else not fields and not given
            right = right or ("-" in _raw(export, column) and not given)
            asked = not given or any(
                choice.questions for choice in found.choices if column in choice.columns and choice.field not in fields
            )
            self.columns += 1
            self.right += right
            self.silent += not right and not asked
            if not right:
                wrong.append(f"{column} -> {','.join(given) or 'carried'}{'' if asked else ' SILENT'}")
        return wrong

    def format(self, name: str) -> str:
        return (
            f"{name}: right contract {self.contracts}/{self.fitting}, no contract {self.refused}/{self.strangers}, "
            f"fields right {100 * self.right / self.columns:.1f} %, "
            f"wrong without a question {100 * self.silent / self.columns:.1f} % of {self.columns}, "
            f"repeated columns and names of files right {self.habits}/{self.fitting}, {self.seconds:.1f} s\n"
        )


def _raw(export: Invented, column: str) -> str:
    place = list(export.truth).index(column)
    return export.lines[place][1]


def measure(exports: Sequence[Invented], *, loud: bool = False) -> Figures:
    figures = Figures()
    for export in exports:
        figures.add(export, loud=loud)
    return figures


def main() -> int:
    for name, exports in GROUPS.items():
        loud = name == "tuned" and "--each" in sys.argv
        sys.stdout.write(measure(exports, loud=loud).format(name))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
