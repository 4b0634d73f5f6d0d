"""`passerelle switch plan`: what the new software would hold, what would be lost, what must be decided."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from passerelle.documents import sections
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, add_page_options, format_document, pass_invocation, write_answer
from passerelle.faces.cli.switch.progress import watch_contracts, watch_reading
from passerelle.faces.cli.switch.sides import add_side_options, read_change
from passerelle.faces.report import switch_plan
from passerelle.switching import decision_worksheet
from passerelle.switching.plan.planning import MovePlan, plan_move
from passerelle.switching.side import Side, make_file_export
from passerelle.switching.simulated_target import SimulatedTarget
from passerelle.switching.snapshot import Snapshot, take_snapshot
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from passerelle.switching.supplier_change import SupplierChange


@translated_click.command(
    "plan",
    help=N_(
        "Say field by field what becomes of what the old software holds: carried, narrowed, or lost. With the exports, "
        "each loss is weighed by the records that it concerns. Writes what must be decided as a worksheet, which is "
        "read back. The answer holds no value of a record, but the codes in use."
    ),
    examples=(
        ("switch plan --from compani --to generic-telegestion", N_("by the two descriptions alone")),
        ("switch plan bascule --format html --output plan.html", N_("a page to discuss")),
        ("switch plan bascule --worksheet decisions.xlsx", N_("what must be decided, to fill in")),
    ),
)
@add_side_options
@translated_click.option(
    "--sample",
    "samples",
    multiple=True,
    metavar=N_("CONNECTOR=FILE"),
    help=N_("An export of the old software; by default those of switch.toml."),
)
@translated_click.option("--no-sample", is_flag=True, help=N_("Compare the two descriptions only."))
@translated_click.option(
    "--worksheet",
    "sheet",
    type=translated_click.File(),
    metavar=N_("FILE"),
    help=N_("Write there what must be decided, as a workbook to fill in."),
)
@add_page_options
@pass_invocation
def command(  # noqa: PLR0913  one argument an option
    invocation: Invocation,
    *,
    name: str | None,
    origin: str | None,
    target: str | None,
    decided: Path | None,
    samples: tuple[str, ...],
    no_sample: bool,
    sheet: Path | None,
    form: str,
    output: Path | None,
) -> Exit:
    """Plan one change of supplier."""
    invocation.form = form
    change = read_change(invocation, name, origin, target, decided, is_undecided=True)
    with _open_sample(invocation, change, samples, without=no_sample) as sample, watch_contracts() as progress:
        simulated = SimulatedTarget(change.target, change.decisions)
        made = plan_move(change.origin, change.target, simulated, sample, same_ids=change.same_ids, progress=progress)
    if sheet is not None:
        decision_worksheet.write_worksheet(sheet, made, change.decisions)
    write_answer(output, _FORMS[form](made))
    return Exit.SETTLED


@contextmanager
def _open_sample(
    invocation: Invocation, change: SupplierChange, samples: Sequence[str], *, without: bool
) -> Iterator[Snapshot | None]:
    """Read the sample into a private folder for as long as the plan takes; None when there is none."""
    if without or not (samples or change.has_files):
        yield None
        return
    exports = []
    for sample in samples:
        connector, equals, file = sample.partition("=")
        if not equals:
            raise UsageError("usage.sample.unclear", sample=sample)
        if not Path(file).is_file():
            raise UsageError("usage.file.unreadable", file=Path(file).name)
        exports.append(make_file_export(connector, [Path(file)], invocation.load_plugins()))
    side = Side(change.origin.name, tuple(exports)) if samples else change.origin
    with TemporaryDirectory(prefix="passerelle-") as folder, watch_reading() as progress:
        yield take_snapshot(side, Path(folder), is_sealed=True, progress=progress)


def _format_title(made: MovePlan) -> str:
    return _("From {origin} to {target}: plan").format(origin=made.origin, target=made.target)


_FORMS: dict[str, Callable[[MovePlan], str]] = {
    "text": lambda made: sections.write_text(_format_title(made), switch_plan.build_sections(made)),
    "json": lambda made: format_document("switch.plan", made.to_json()),
    "html": lambda made: sections.write_page(_format_title(made), switch_plan.build_sections(made)),
}
