"""`passerelle switch compare`: both softwares read back to contracts, and every difference named."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from passerelle.contracts.field_meta import Purpose
from passerelle.documents import sections
from passerelle.engine.audit.revealing import audit_act, require_why
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import (
    Invocation,
    add_page_options,
    format_document,
    name_operator,
    pass_invocation,
    write_answer,
)
from passerelle.faces.cli.switch.side_comparison import compare_snapshots, take_snapshots
from passerelle.faces.cli.switch.sides import add_side_options, read_change
from passerelle.faces.report import switch_comparison
from passerelle.switching import person_worksheet
from passerelle.switching.change_acts import keep_comparison, require_files
from passerelle.switching.compare.side_findings import FindingLog
from passerelle.switching.run.moving import prepare_move
from passerelle.switching.run.relinking import RefTranslator, learn_refs
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.switching.compare.side_comparison import SideComparison
    from passerelle.switching.snapshot import Snapshot
    from passerelle.switching.supplier_change import SupplierChange


@translated_click.command(
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
@add_side_options
@translated_click.option(
    "--snapshots",
    type=click.Path(file_okay=False, path_type=Path),
    metavar=N_("FOLDER"),
    help=N_("Keep there what was read from both sides, for the proof: it holds values, and needs --why."),
)
@translated_click.option(
    "--findings",
    "listing",
    type=translated_click.File(),
    metavar=N_("FILE"),
    help=N_("Write there every difference, one JSON object a line, without values."),
)
@translated_click.option(
    "--persons",
    "sheet",
    type=translated_click.File(),
    metavar=N_("FILE"),
    help=N_("Write there the persons who may be the same, as a workbook to answer in. It holds names."),
)
@translated_click.option(
    "--reveal",
    "revealing",
    type=translated_click.File(),
    metavar=N_("FILE"),
    help=N_("Write there every difference with its values. Needs --why, which is recorded."),
)
@translated_click.option("--why", default="", metavar=N_("SENTENCE"), help=N_("Why values must be seen."))
@add_page_options
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
    if any(holder is not None for holder in (revealing, sheet, snapshots)):
        require_why(why)
        # the reason is in the audit trail before any value is read
        with invocation.open_workspace() as workspace:
            subject = name or f"{origin} {target}"
            audit_act(workspace, "switch.reveal", subject, why=why, who=name_operator(), purpose=Purpose.PORTABILITY)
    change = read_change(invocation, name, origin, target, decided)
    # a pseudonym means something within this answer only: the key is drawn anew and kept nowhere
    key = secrets.token_bytes(16)
    with TemporaryDirectory(prefix="passerelle-") as private:
        work = Path(private)
        both = take_snapshots(change, snapshots or work, is_sealed=snapshots is None)
        require_files(both)
        findings = FindingLog(
            listing or work / "findings.ndjson",
            lambda ref: hashlib.blake2b(ref.encode(), key=key, digest_size=6).hexdigest(),
            revealing,
        )
        learned_refs = _read_learned_refs(invocation, change, name, both[0])
        comparison = compare_snapshots(change, both, work / "rows", findings, learned_refs)
    _keep_comparison(invocation, name, comparison)
    if sheet is not None:
        person_worksheet.write_worksheet(sheet, comparison.proposals)
    write_answer(output, _FORMS[form](comparison))
    return Exit.SETTLED if comparison.is_faithful else Exit.ASIDE


def _keep_comparison(invocation: Invocation, name: str | None, comparison: SideComparison) -> None:
    """Keep what was found in counts, for the pages. Sides can be compared where nothing runs: nothing is kept there."""
    if name is None or not invocation.path.exists() or not invocation.read_settings().state.exists():
        return
    with invocation.open_workspace() as workspace:
        keep_comparison(workspace, name, comparison, who=name_operator())


def _read_learned_refs(
    invocation: Invocation, change: SupplierChange, name: str | None, origin: Snapshot
) -> dict[str, str]:
    """Return the old side's ref of each ref that the new software gave when records were moved."""
    if change.moved is None or name is None or not invocation.path.exists():
        return {}
    with invocation.open_workspace() as workspace:
        return learn_refs(RefTranslator(workspace, prepare_move(workspace, change.moved, name)), origin)


def _format_title(comparison: SideComparison) -> str:
    return _("From {origin} to {target}: comparison").format(
        origin=comparison.origin["side"], target=comparison.target["side"]
    )


_FORMS: dict[str, Callable[[SideComparison], str]] = {
    "text": lambda made: sections.write_text(_format_title(made), switch_comparison.build_sections(made)),
    "json": lambda made: format_document("switch.compare", made.to_json()),
    "html": lambda made: sections.write_page(_format_title(made), switch_comparison.build_sections(made)),
}
