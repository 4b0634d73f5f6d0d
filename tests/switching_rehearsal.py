"""The invented association moves: planned, decided, run and read back by the commands that people type."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter
from journeying import KEY, ROOT, StandIn
from python_calamine import CalamineWorkbook

if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))

from typing import TYPE_CHECKING

from examples.switching import association, defects, settings

from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.extension.loading import load_plugins
from passerelle.faces.cli.app import run
from passerelle.switching import decision_worksheet
from passerelle.switching.compare.side_comparing import ComparisonTerms, compare_sides
from passerelle.switching.compare.side_findings import FindingLog
from passerelle.switching.run.moving import prepare_move
from passerelle.switching.run.relinking import RefTranslator, learn_refs
from passerelle.switching.side import Side, make_side
from passerelle.switching.simulated_target import SimulatedTarget
from passerelle.switching.snapshot import Snapshot, open_snapshot, take_snapshot
from passerelle.switching.switch_settings import load_switch_file
from passerelle.vocabulary.failpoints import VARIABLE

if TYPE_CHECKING:
    from passerelle.extension.plugins import Plugins

__all__ = ["Rehearsal", "association", "defects", "settings"]
_ENVIRONMENT = {"STAND_IN_TOKEN": "demo-token", "PASSERELLE_LANG": "en"}


@dataclass(frozen=True)
class Rehearsal:
    """A folder with both sides and their settings, and the new software's API."""

    folder: Path
    api: StandIn
    plugins: Plugins

    @classmethod
    def begin(cls, folder: Path, persons: int, visits: int, months: int) -> Rehearsal:
        """Invent an association of this size, start the API, write the settings. Nothing has moved yet."""
        association.write(association.invent(persons, visits, months), folder / "ancien")
        (folder / "etat").mkdir(mode=0o700)
        (folder / "etat" / "cle").write_text(KEY)
        (folder / "etat" / "cle").chmod(0o600)
        api = StandIn.start(folder, faults=0.01, seed=7)
        settings.write(folder, api.url)
        return cls(folder, api, load_plugins())

    def decide(self) -> None:
        """Fill in the worksheet: first codes and defaults, then, once losses are weighed, who answers for them."""
        whole = (self.folder / "switch.toml").read_text("utf-8")
        (self.folder / "switch.toml").write_text(whole.replace('decisions = "decisions.xlsx"\n', ""), "utf-8")
        assert self.command("switch plan bascule --no-sample --worksheet feuille.xlsx --output plan.txt") == 0
        filled(self.folder / "feuille.xlsx", self.folder / "feuille-1.xlsx")
        more = "--worksheet feuille-2.xlsx --format json --output plan.json"
        assert self.command(f"switch plan bascule --decisions feuille-1.xlsx {more}") == 0
        filled(self.folder / "feuille-2.xlsx", self.folder / "decisions.xlsx")
        (self.folder / "switch.toml").write_text(whole, "utf-8")

    def move(self) -> None:
        """Move everything, then let the new software export what its API took."""
        assert self.command("switch run bascule --format json > bascule.json") == 0
        settings.export(self.folder, self.api.url)

    def command(self, line: str) -> int:
        """Type a command in the folder; `> FILE` at its end keeps the answer."""
        words, _arrow, kept = line.partition(" > ")
        with (
            contextlib.chdir(self.folder),
            Path(kept or os.devnull).open("w", encoding="utf-8") as answer,
            contextlib.redirect_stdout(answer),
            _environment(),
        ):
            return run(shlex.split(words))

    def told(self, name: str) -> dict:
        """Give what a command answered."""
        return json.loads((self.folder / name).read_text("utf-8"))

    def side(self, name: str) -> Side:
        return make_side(name, load_switch_file(self.folder / "switch.toml").get_side(name), self.plugins)

    @property
    def old(self) -> Snapshot:
        """What `switch compare` read of the old software."""
        return open_snapshot(self.folder / "releves" / "origin")

    @property
    def new(self) -> Snapshot:
        return open_snapshot(self.folder / "releves" / "target")

    def translation(self) -> dict[str, str]:
        """Give the old reference for each that the new software gave."""
        with open_workspace(load_settings(self.folder / "passerelle.toml"), plugins=self.plugins) as house:
            document = load_switch_file(self.folder / "switch.toml")
            return learn_refs(RefTranslator(house, prepare_move(house, document, "bascule")), self.old)

    def compared(self, room: Path):
        """Read the new side as its files are now, and compare. Records are named by their own references."""
        target = self.side("nouveau")
        new = take_snapshot(target, room / "new")
        simulated = SimulatedTarget(target, decision_worksheet.read_worksheet(self.folder / "decisions.xlsx"))
        terms = ComparisonTerms(simulated=simulated, same_ids=True, translation=self.translation())
        with FindingLog(room / "findings.ndjson", str) as findings:
            return compare_sides(self.old, new, terms, folder=room / "rows", findings=findings)

    def killed_move(self, failpoint: str) -> int:
        """Run the move in a process of its own, which may die at a named place; give its exit code."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(
            ["passerelle.faces.cli.switch.run", "passerelle.engine.adapters.api_clients", "alembic"]
        )
        child = context.Process(target=_move, args=(self.folder, failpoint))
        child.start()
        child.join()
        return child.exitcode


def _move(folder: Path, failpoint: str) -> None:
    os.environ.update(_ENVIRONMENT)
    os.environ[VARIABLE] = failpoint
    os.chdir(folder)
    with (
        Path(os.devnull).open("w") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        code = run(["switch", "run", "bascule"])
    os._exit(code)


@contextlib.contextmanager
def _environment():
    before = dict(os.environ)
    os.environ.update(_ENVIRONMENT)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def filled(blank: Path, answered: Path) -> None:
    """Fill in a worksheet of decisions as people do: the free columns, by what the first one names."""
    book = CalamineWorkbook.from_path(blank)
    with xlsxwriter.Workbook(answered) as target:
        for number, answer in enumerate((_code, _default, _loss)):
            sheet = target.add_worksheet()
            for place, cells in enumerate(book.get_sheet_by_index(number).to_python(skip_empty_area=False)):
                for column, cell in enumerate(answer([str(cell) for cell in cells]) if place else cells):
                    sheet.write_string(place, column, str(cell))


def _code(cells: list[str]) -> list[str]:
    return [*cells[:5], *settings.CODES.get(cells[0], cells[5:])]


def _default(cells: list[str]) -> list[str]:
    return [*cells[:4], settings.DEFAULTS.get(cells[0], cells[4])]


def _loss(cells: list[str]) -> list[str]:
    return [*cells[:5], "La directrice", "Vu avec les équipes", cells[7]]
