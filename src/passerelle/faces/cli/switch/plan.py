"""`passerelle switch plan`: what the new software would hold, what would be lost, what must be decided."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from passerelle.documents import sections
from passerelle.faces.cli import translated
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, document, page_format, pass_invocation
from passerelle.faces.cli.switch.sides import read_change, sides
from passerelle.faces.cli.switch.watching import watch_contracts, watch_reading, write_answer
from passerelle.faces.report import switch_plan
from passerelle.switching import worksheet
from passerelle.switching.expected import SimulatedTarget
from passerelle.switching.plan.planning import Plan, plan
from passerelle.switching.side import Export, Side, with_files
from passerelle.switching.snapshot import Snapshot, take
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from passerelle.switching.supplier_change import SupplierChange


@translated.command(
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
@sides
@translated.option(
    "--sample",
    "samples",
    multiple=True,
    metavar=N_("CONNECTOR=FILE"),
    help=N_("An export of the old software; by default those of switch.toml."),
)
@translated.option("--no-sample", is_flag=True, help=N_("Compare the two descriptions only."))
@translated.option(
    "--worksheet",
    "sheet",
    type=translated.File(),
    metavar=N_("FILE"),
    help=N_("Write there what must be decided, as a workbook to fill in."),
)
@page_format
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
    asked = read_change(invocation, name, origin, target, decided)
    with _open_sample(invocation, asked, samples, without=no_sample) as sample, watch_contracts() as progress:
        simulated = SimulatedTarget(asked.target, asked.decisions)
        made = plan(asked.origin, asked.target, simulated, sample, same_ids=asked.same_ids, progress=progress)
    if sheet is not None:
        worksheet.write(sheet, made, asked.decisions)
    write_answer(output, _FORMS[form](made))
    return Exit.SETTLED


@contextmanager
def _open_sample(
    invocation: Invocation, asked: SupplierChange, samples: Sequence[str], *, without: bool
) -> Iterator[Snapshot | None]:
    """Read the sample into a private folder for as long as the plan takes; none when there is none."""
    if without or not (samples or asked.has_files):
        yield None
        return
    side = Side(asked.origin.name, tuple(_export(invocation, one) for one in samples)) if samples else asked.origin
    with TemporaryDirectory(prefix="passerelle-") as folder, watch_reading() as progress:
        yield take(side, Path(folder), progress=progress)


def _export(invocation: Invocation, sample: str) -> Export:
    connector, equals, file = sample.partition("=")
    if not equals:
        raise UsageError("usage.sample.unclear", sample=sample)
    if not Path(file).is_file():
        raise UsageError("usage.file.unreadable", file=Path(file).name)
    return with_files(connector, [Path(file)], invocation.plugins())


def _write_page(made: Plan) -> str:
    return sections.page(_format_title(made), switch_plan.parts(made))


def _format_title(made: Plan) -> str:
    return _("From {origin} to {target}: plan").format(origin=made.origin, target=made.target)


_FORMS: dict[str, Callable[[Plan], str]] = {
    "text": lambda made: sections.text(_format_title(made), switch_plan.parts(made)),
    "json": lambda made: document("switch.plan", made.content()),
    "html": _write_page,
}
