"""`passerelle switch compare`: both softwares read back to contracts, and every difference named."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from passerelle.documents import sections
from passerelle.engine.revealing import audit_act, require_why
from passerelle.faces.cli import translated
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, document, operator, page_format, pass_invocation
from passerelle.faces.cli.switch.sides import read_change, sides
from passerelle.faces.cli.switch.watching import watch_contracts, watch_reading, write_answer
from passerelle.faces.report import switch_comparison
from passerelle.switching import confirming
from passerelle.switching.compare.comparing import Terms, compare
from passerelle.switching.compare.findings import Findings
from passerelle.switching.expected import SimulatedTarget
from passerelle.switching.run.moving import prepared
from passerelle.switching.run.relinking import Translator, learned
from passerelle.switching.snapshot import take
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.switching.compare.comparison import Comparison
    from passerelle.switching.snapshot import Snapshot
    from passerelle.switching.supplier_change import SupplierChange


@translated.command(
    "compare",
    help=N_(
        "Read both softwares back to contracts and name every difference: missing, added, twice, changed, moved, cut, "
        "rounded. Losses that the plan predicts are told apart. The answer holds places, never values. Ends with 1 "
        "when something differs that nobody expected."
    ),
    examples=(
        ("switch compare bascule", N_("read the answer here")),
        ("switch compare bascule --format html --output ecarts.html", N_("a page to send")),
        ("switch compare bascule --snapshots releves --persons personnes.xlsx", N_("keep what was read; who is who")),
    ),
)
@sides
@translated.option(
    "--snapshots",
    type=click.Path(file_okay=False, path_type=Path),
    metavar=N_("FOLDER"),
    help=N_("Keep there what was read from both sides, for the proof."),
)
@translated.option(
    "--findings",
    "listing",
    type=translated.File(),
    metavar=N_("FILE"),
    help=N_("Write there every difference, one JSON object a line, without values."),
)
@translated.option(
    "--persons",
    "sheet",
    type=translated.File(),
    metavar=N_("FILE"),
    help=N_("Write there the persons who may be the same, as a workbook to answer in. It holds names."),
)
@translated.option(
    "--reveal",
    "revealing",
    type=translated.File(),
    metavar=N_("FILE"),
    help=N_("Write there every difference with its values. Needs --why, which is recorded."),
)
@translated.option("--why", default="", metavar=N_("SENTENCE"), help=N_("Why values must be seen."))
@page_format
@pass_invocation
def command(  # noqa: PLR0913  one argument an option
    invocation: Invocation,
    *,
    name: str | None,
    origin: str | None,
    target: str | None,
    decided: Path | None,
    snapshots: Path | None,
    listing: Path | None,
    sheet: Path | None,
    revealing: Path | None,
    why: str,
    form: str,
    output: Path | None,
) -> Exit:
    """Compare two sides."""
    invocation.form = form
    if revealing is not None or sheet is not None:
        _record(invocation, why, name or f"{origin} {target}")
    asked = read_change(invocation, name, origin, target, decided)
    with TemporaryDirectory(prefix="passerelle-") as private:
        work = Path(private)
        both = _take_snapshots(asked, snapshots or work)
        findings = Findings(listing or work / "findings.ndjson", _make_pseudonyms(), revealing)
        found = _compare_sides(asked, both, work, findings, _read_learned_refs(invocation, asked, name, both[0]))
    if sheet is not None:
        confirming.write(sheet, found.proposals)
    write_answer(output, _FORMS[form](found))
    return Exit.SETTLED if found.is_faithful else Exit.ASIDE


def _record(invocation: Invocation, why: str, about: str) -> None:
    """Write into the audit trail that values are about to be seen. Raises UsageError without a reason."""
    require_why(why)
    with invocation.house() as workspace:
        audit_act(workspace, "switch.reveal", about, why=why, who=operator())


def _take_snapshots(asked: SupplierChange, folder: Path) -> tuple[Snapshot, Snapshot]:
    with watch_reading() as progress:
        both = (
            take(asked.origin, folder / "origin", progress=progress),
            take(asked.target, folder / "target", progress=progress),
        )
    for snapshot in both:
        if not snapshot.manifest["files"]:
            raise UsageError("usage.side.empty", name=snapshot.side, export="*")
    return both


def _read_learned_refs(
    invocation: Invocation, asked: SupplierChange, name: str | None, origin: Snapshot
) -> dict[str, str]:
    """Return the old side's refs for those that the new software gave when records were moved; none where none were."""
    if asked.moved is None or name is None or not invocation.path.exists():
        return {}
    with invocation.house() as house:
        return learned(Translator(house, prepared(house, asked.moved, name)), origin)


def _compare_sides(
    asked: SupplierChange, both: tuple[Snapshot, Snapshot], work: Path, findings: Findings, learned_refs: dict[str, str]
) -> Comparison:
    terms = Terms(
        simulated=SimulatedTarget(asked.target, asked.decisions),
        tolerances=asked.tolerances,
        same_ids=asked.same_ids,
        translation=learned_refs,
    )
    with findings, watch_contracts() as progress:
        return compare(*both, terms, folder=work / "rows", findings=findings, progress=progress)


def _make_pseudonyms() -> Callable[[str], str]:
    """Return pseudonyms that mean something within this answer only."""
    key = secrets.token_bytes(16)
    return lambda ref: hashlib.blake2b(ref.encode(), key=key, digest_size=6).hexdigest()


def _format_title(found: Comparison) -> str:
    return _("From {origin} to {target}: comparison").format(origin=found.origin["side"], target=found.target["side"])


_FORMS: dict[str, Callable[[Comparison], str]] = {
    "text": lambda found: sections.text(_format_title(found), switch_comparison.parts(found)),
    "json": lambda found: document("switch.compare", found.content()),
    "html": lambda found: sections.page(_format_title(found), switch_comparison.parts(found)),
}
