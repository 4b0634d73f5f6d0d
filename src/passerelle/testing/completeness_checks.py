"""Checks on completeness: the connector writes what it reads, and samples and page leave nothing out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from passerelle.extension.inferring.proposal import TRIED
from passerelle.stages.translate.converters.choices import Constant, PerRecord
from passerelle.testing.connector_under_test import ConnectorUnderTest, iter_converters
from passerelle.testing.grades import Grade, check_for
from passerelle.testing.open_points import count_open_points
from passerelle.testing.round_trip import find_lost_fields
from passerelle.testing.workbook_samples import list_expected_cells, list_true_cells
from passerelle.vocabulary.language import N_

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.testing.grades import ConformanceCheck

SEVERAL = "several records"
TRUE_CELLS = "true cells"
_NO_TRUE_CELLS = N_("It reads no day or time from a workbook.")
_ONE_RECORD = N_("A message that it is sent tells of one record.")
_UP = 4
"""How many folders above its samples a plugin's page may stand."""
_CHAPTERS = {
    "version": r"version",
    "oddities": r"singularit|oddit|bizarrerie|piège",
    "not covered": r"pas couvert|non couvert|not covered",
    "licence": r"licen[cs]e",
    "samples": r"invent",
}
"""What a plugin's page speaks of, as patterns in French and in English."""
_REASONS, _RECORDS = 4, 3
_BY_HAND = 0.25
"""The part of the converters that may be plain Python."""


def read_page(nominal: Path) -> str:
    """Find the README of the plugin that a sample belongs to; empty when there is none."""
    for folder in nominal.parents[:_UP]:
        if (file := folder / "README.md").is_file():
            return file.read_text(encoding="utf-8")
    return ""


class CompletenessChecks(ConnectorUnderTest):
    """Checks on the page, the breadth of the samples, and the way back."""

    @check_for(
        Grade.SILVER, N_("The file that it was proposed from is accepted, or its page no longer says otherwise.")
    )
    def test_the_first_file_is_accepted(self) -> None:
        """Samples that were invented from a description agree with it whatever the supplier writes."""
        tried = TRIED.search(read_page(self.nominal))
        # As long as the line stands, nobody has answered for the rows that were set aside.
        assert tried is None or tried["accepted"] == tried["rows"] != "0", tried[0]

    @check_for(
        Grade.GOLD,
        N_("Its README says versions, oddities, what is not covered, licence, and where samples come from."),
    )
    def test_the_readme_is_complete(self) -> None:
        """Whoever buys, runs or repairs it starts there."""
        text = read_page(self.nominal)
        absent = [name for name, pattern in _CHAPTERS.items() if not re.search(pattern, text, re.IGNORECASE)]
        assert not absent, ", ".join(absent)

    @check_for(Grade.GOLD, N_("Its README names each connector."))
    def test_the_readme_names_the_connector(self) -> None:
        """By its id, as settings write it."""
        assert self.connector_id in read_page(self.nominal)

    def explain_absence(self, check: ConformanceCheck) -> str:
        """Return why a check of this kind is not asked of the connector; empty when it is."""
        connector = self.connector
        if check.about == SEVERAL and connector.push is not None and connector.collect is None:
            return _ONE_RECORD
        if check.about == TRUE_CELLS and not self._list_expected_cells():
            return _NO_TRUE_CELLS
        return super().explain_absence(check)

    @check_for(Grade.GOLD, N_("Its nominal sample shows every field that it fills."), about=SEVERAL)
    def test_the_nominal_sample_shows_every_field(self) -> None:
        """A field that no sample shows has never been seen to work."""
        shown = {(line["contract"], name) for line in self.take_sample(self.nominal).records for name in line["record"]}
        tables = self.plan.tables
        filled = {(entry.table.contract, field.name) for entry in tables for field in entry.fields}
        assert not filled - shown, ", ".join(sorted(f"{contract} {name}" for contract, name in filled - shown))

    @check_for(Grade.GOLD, N_("Its samples are broad: several records, several reasons."), about=SEVERAL)
    def test_the_samples_are_broad(self) -> None:
        """One row proves little."""
        reasons = {line["reason"] for line in self.take_sample(self.oddities).messages}
        assert len(self.take_sample(self.nominal).records) >= _RECORDS
        assert len(reasons) >= _REASONS, ", ".join(sorted(reasons))

    @check_for(Grade.GOLD, N_("Its samples hold true days and times of a workbook, not only texts."), about=TRUE_CELLS)
    def test_the_samples_hold_true_cells(self) -> None:
        """People type dates into workbooks, and the software that writes one writes true dates."""
        held = frozenset().union(*(list_true_cells(one.read_bytes()) for one in (self.nominal, self.oddities)))
        assert not self._list_expected_cells() - held, ", ".join(sorted(self._list_expected_cells() - held))

    def _list_expected_cells(self) -> frozenset[str]:
        converters = (one for table in self.connector.tables for one in iter_converters(table))
        return list_expected_cells(self.connector, converters)

    @check_for(
        Grade.GOLD, N_("What it reads it writes back the same; what is lost on the way is listed in its README.")
    )
    def test_what_is_read_is_written_back_the_same(self) -> None:
        """The identity, field by field, but for what the page admits."""
        text = read_page(self.nominal)
        gone = find_lost_fields(self.take_sample(self.nominal).records, self.supplier, self.connector)
        untold = sorted(f"{contract} {name}" for contract, name in gone if f"`{name}`" not in text)
        assert not untold, ", ".join(untold)

    @check_for(Grade.GOLD, N_("Nothing in its description is left for a person to decide."))
    def test_nothing_is_left_to_decide(self) -> None:
        """The marks that scaffolding put before its questions are answered, and gone."""
        left = count_open_points(self.find_connector()[2])
        assert not left, str(left)

    @check_for(Grade.GOLD, N_("Most of it is declared: little plain Python by record."))
    def test_most_of_it_is_declared(self) -> None:
        """What is declared runs by column, in both directions."""
        every = [
            one for table in self.connector.tables for one in iter_converters(table) if not isinstance(one, Constant)
        ]
        by_hand = [one for one in every if isinstance(one, PerRecord)]
        assert len(by_hand) <= _BY_HAND * len(every)
