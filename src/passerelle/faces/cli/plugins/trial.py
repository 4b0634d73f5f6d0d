"""Try a proposal on the very file it was made from: what it would accept, and the first causes of the rest.

Invented samples only show that a description agrees with itself; this is the only measure on what the supplier wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from passerelle.engine.rehearsal.file_check import check
from passerelle.extension.inferring.scaffolding import DESCRIPTION, write_description
from passerelle.extension.toml_suppliers import read_supplier
from passerelle.faces.cli.files import refuse_unreadable
from passerelle.faces.report.findings import format_findings
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.language import _
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.reasons import explain
from passerelle.vocabulary.safe_files import ANYBODY, write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.engine.rehearsal.file_check import CheckReport
    from passerelle.extension.inferring.plugin_names import PluginNames
    from passerelle.extension.inferring.proposal import Proposal
    from passerelle.extension.supplier import Supplier

_CAUSES = 5
"""How many causes are said; `passerelle check` says all."""


@dataclass(frozen=True, slots=True)
class FileTrial:
    """What became of the rows of the file. No value of it is here."""

    accepted: int
    rows: int
    """Rows that are neither totals nor otherwise out of scope."""
    causes: tuple[str, ...] = ()
    """The first causes with their places, the most frequent first."""

    @property
    def is_whole(self) -> bool:
        """Whether every row was accepted, and there was one."""
        return 0 < self.rows <= self.accepted

    def format(self) -> str:
        """Return the sentence that terminal and page say."""
        words = _("On the file itself: accepted {accepted} of {rows}")
        return words.format(accepted=format_count(self.accepted), rows=format_count(self.rows))

    def to_content(self) -> dict[str, Any]:
        """Return it as JSON content."""
        return {"accepted": self.accepted, "rows": self.rows, "causes": list(self.causes)}


def describe_for_trial(proposal: Proposal, names: PluginNames) -> Supplier:
    """Return the proposal as the supplier that its description gives, whatever style will be written."""
    with TemporaryDirectory() as private:
        place = Path(private)
        for path, text in write_description(proposal, names).items():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            write_whole(place / path, text.encode(), ANYBODY)
        return read_supplier(place / DESCRIPTION, place)


def try_on_file(file: Path, supplier: Supplier) -> FileTrial:
    """Take the file down the path of a run with what was proposed, and deliver nothing."""
    with refuse_unreadable(file):
        stream = file.open("rb")
    try:
        with stream:
            report = check(stream, supplier.id, supplier.connectors[0], name=file.name)
    except ParcelError as error:  # the file as a whole: a sentence is all there is to say
        return FileTrial(0, 0, (explain(error.code, error.details)[0],))
    withheld = report.balance.fates.get(Fate.WITHHELD, 0)
    causes = tuple(_format_causes(report))
    return FileTrial(sum(report.accepted.values()), report.balance.received - withheld, causes)


def _format_causes(report: CheckReport) -> Iterator[str]:
    aside = [cause for cause in format_findings(report) if cause.places or cause.about]
    for cause in aside[:_CAUSES]:
        places = f" ({cause.places})" if cause.places else ""
        yield f"{cause.count} × {cause.fate} [{cause.code}] {cause.says}{places}"
