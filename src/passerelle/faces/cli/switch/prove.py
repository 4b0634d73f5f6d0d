"""`passerelle switch prove`: write a signed dossier of what was moved and compared."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from passerelle.faces import json_forms
from passerelle.faces.cli import translated
from passerelle.faces.cli.exit_pack import passphrase
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, operator, pass_invocation
from passerelle.faces.cli.switch.sides import read_change
from passerelle.faces.cli.switch.watching import watch_contracts, watch_reading
from passerelle.switching.compare.comparing import Terms, compare
from passerelle.switching.compare.findings import Findings
from passerelle.switching.expected import SimulatedTarget
from passerelle.switching.prove import keys, signing
from passerelle.switching.prove.dossier import Case, document
from passerelle.switching.run.moving import prepared
from passerelle.switching.run.relinking import Translator, learned
from passerelle.switching.settings import FILE, load
from passerelle.switching.snapshot import take
from passerelle.vocabulary.language import N_, _, translate_plural
from passerelle.vocabulary.outcomes import Balance

if TYPE_CHECKING:
    from passerelle.engine.assembly import Workspace
    from passerelle.switching.run.sub_flows import Move
    from passerelle.switching.snapshot import Snapshot
    from passerelle.switching.supplier_change import SupplierChange

_FOLDER = click.Path(file_okay=False, path_type=Path)


@translated.command(
    "prove",
    help=N_(
        "Read both softwares back, compare them, and write a signed dossier: digests of what was received, counts and "
        "fingerprints by contract and field, differences explained or open, losses and who accepted them, a sample "
        "drawn with a public seed to check by hand, a page to print and sign. It holds no value of any record."
    ),
    examples=(
        ("switch prove bascule --key signature.pem --seed 'loto du 21 novembre' --output preuve", N_("the dossier")),
        ("switch verify preuve --exports exports", N_("what anybody can do with it")),
    ),
)
@translated.argument("name", metavar=N_("NAME"), help=N_("A [switch.NAME] of switch.toml."))
@translated.option(
    "--key",
    "key_file",
    required=True,
    type=translated.File(exists=True),
    metavar=N_("FILE"),
    help=N_("The private key that signs; «switch keygen» makes one."),
)
@translated.option(
    "--passphrase",
    "reference",
    metavar=N_("REFERENCE"),
    help=N_("Where the key's passphrase is: env:NAME, file:PATH, keyring:service/name, or «ask»."),
)
@translated.option("--output", required=True, type=_FOLDER, metavar=N_("FOLDER"), help=N_("Where the dossier goes."))
@translated.option(
    "--seed", required=True, metavar=N_("TEXT"), help=N_("A public text that nobody here chose, to draw the sample.")
)
@translated.option(
    "--sample",
    "size",
    type=click.IntRange(1, 1000),
    default=10,
    show_default=True,
    metavar="N",
    help=N_("How many records of each contract people will check."),
)
@translated.option(
    "--decisions",
    "decided",
    type=translated.File(exists=True),
    metavar=N_("FILE"),
    help=N_("The worksheet of decisions, filled in."),
)
@answer_format
@pass_invocation
def command(  # noqa: PLR0913  one argument an option
    invocation: Invocation,
    *,
    name: str,
    key_file: Path,
    reference: str | None,
    output: Path,
    seed: str,
    size: int,
    decided: Path | None,
) -> Exit:
    """Prove one change of supplier."""
    key = keys.load(key_file, passphrase(reference, confirm=False))
    invocation.settings()
    asked = read_change(invocation, name, None, None, decided)
    with invocation.house() as house, TemporaryDirectory(prefix="passerelle-") as private:
        move = _move(invocation, house, name)
        work = Path(private)
        with watch_reading() as progress:
            origin = take(asked.origin, work / "origin", progress=progress)
            target = take(asked.target, work / "target", progress=progress)
        translation = learned(Translator(house, move), origin) if move else {}
        comparison = _compare_again(asked, (origin, target), work, translation)
        case = Case(
            name=name,
            origin=origin,
            target=target,
            comparison=comparison,
            at=datetime.now(UTC),
            seed=seed,
            size=size,
            decisions=asked.decisions,
            journal=_books(house, move),
            audit_head=house.journal.get_audit_head(),
            titles={side.name: side.title for side in (asked.origin, asked.target)},
        )
        fingerprint = signing.write(output, document(case), key, work / "ecarts.jsonl")
        house.journal.append_audit("switch.prove", name, "", house.clock.now(), operator())
    left = sum(one["count"] for one in comparison["findings"])
    content = {"folder": output.name, "fingerprint": fingerprint, "open": left}
    invocation.answer("switch.prove", content, lambda: _format_text(fingerprint, left))
    return Exit.ASIDE if left else Exit.SETTLED


def _move(invocation: Invocation, house: Workspace, name: str) -> Move | None:
    """Find the flows of the move; None where passerelle compared and did not move."""
    found = load(invocation.path.parent / FILE)
    return prepared(house, found, name) if found.named_switch(name).deliver else None


def _compare_again(
    asked: SupplierChange, both: tuple[Snapshot, Snapshot], work: Path, translation: dict[str, str]
) -> dict[str, Any]:
    terms = Terms(
        simulated=SimulatedTarget(asked.target, asked.decisions),
        tolerances=asked.tolerances,
        same_ids=asked.same_ids,
        translation=translation,
    )
    with Findings(work / "ecarts.jsonl", _nameless) as findings, watch_contracts() as progress:
        return compare(*both, terms, folder=work / "rows", findings=findings, progress=progress).content()


def _nameless(_ref: str) -> str:
    """Name no record: places are enough, and a pseudonym in a dossier that travels could be guessed."""
    return ""


def _books(house: Workspace, move: Move | None) -> list[dict[str, Any]]:
    found = []
    for sub_flow in move.sub_flows if move else ():
        total = sum((book.balance for book in house.journal.list_balances(sub_flow.flow)), Balance())
        found.append({"flow": sub_flow.flow, "contract": sub_flow.contract, **json_forms.balance(total)})
    return found


def _format_text(fingerprint: str, left: int) -> str:
    lines = []
    if left:
        words = translate_plural(
            "{count} difference that nobody expected is open.",
            "{count} differences that nobody expected are open.",
            left,
        )
        lines.append(words.format(count=left))
    lines.append(_("Fingerprint of the key: {fingerprint}").format(fingerprint=fingerprint))
    return "\n".join(lines)
