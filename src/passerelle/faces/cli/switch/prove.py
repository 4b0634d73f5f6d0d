"""`passerelle switch prove`: write a signed dossier of what was moved and compared."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from passerelle.faces import json_forms
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exit_pack import fetch_passphrase
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, name_operator, pass_invocation
from passerelle.faces.cli.switch.side_comparison import compare_snapshots, take_snapshots
from passerelle.faces.cli.switch.sides import read_change
from passerelle.faces.report import dossier as dossiers
from passerelle.switching.change_acts import keep_comparison
from passerelle.switching.compare.side_findings import FindingLog
from passerelle.switching.prove import keys, signing
from passerelle.switching.prove.carried_descriptions import pack_descriptions
from passerelle.switching.prove.dossier import DossierInput, build_document
from passerelle.switching.run.moving import prepare_move
from passerelle.switching.run.relinking import RefTranslator, learn_refs
from passerelle.switching.switch_settings import FILE, load_switch_file
from passerelle.vocabulary.language import N_
from passerelle.vocabulary.outcomes import Balance

if TYPE_CHECKING:
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.switching.run.sub_flows import Move

_FOLDER = click.Path(file_okay=False, path_type=Path)


@translated_click.command(
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
@translated_click.argument("name", metavar=N_("NAME"), help=N_("A [switch.NAME] of switch.toml."))
@translated_click.option(
    "--key",
    "key_file",
    required=True,
    type=translated_click.File(exists=True),
    metavar=N_("FILE"),
    help=N_("The private key that signs; «switch keygen» makes one."),
)
@translated_click.option(
    "--passphrase",
    "reference",
    metavar=N_("REFERENCE"),
    help=N_("Where the key's passphrase is: env:NAME, file:PATH, keyring:service/name, or «ask»."),
)
@translated_click.option(
    "--output", required=True, type=_FOLDER, metavar=N_("FOLDER"), help=N_("Where the dossier goes.")
)
@translated_click.option(
    "--seed", required=True, metavar=N_("TEXT"), help=N_("A public text that nobody here chose, to draw the sample.")
)
@translated_click.option(
    "--sample",
    "size",
    type=click.IntRange(1, 1000),
    default=10,
    show_default=True,
    metavar="N",
    help=N_("How many records of each contract people will check."),
)
@translated_click.option(
    "--decisions",
    "decided",
    type=translated_click.File(exists=True),
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
    key = keys.load_key(key_file, fetch_passphrase(reference, confirm=False))
    invocation.read_settings()
    change = read_change(invocation, name, None, None, decided)
    with invocation.open_workspace() as workspace, TemporaryDirectory(prefix="passerelle-") as private:
        switches = load_switch_file(invocation.path.parent / FILE)
        # without a destination in switch.toml, passerelle compared both softwares and moved nothing
        move = prepare_move(workspace, switches, name) if switches.get_switch(name).deliver else None
        work = Path(private)
        origin, target = take_snapshots(change, work, is_sealed=True)
        learned_refs = learn_refs(RefTranslator(workspace, move), origin) if move else {}
        # no record has a pseudonym: places are enough, and a pseudonym in a dossier that travels could be guessed
        findings = FindingLog(work / "ecarts.jsonl", lambda _ref: "")
        compared = compare_snapshots(change, (origin, target), work / "rows", findings, learned_refs)
        keep_comparison(workspace, name, compared, who=name_operator())
        comparison = compared.to_json()
        case = DossierInput(
            name=name,
            origin=origin,
            target=target,
            comparison=comparison,
            at=datetime.now(UTC),
            seed=seed,
            size=size,
            decisions=change.decisions,
            tolerances=change.tolerances,
            same_ids=change.same_ids,
            learned_refs=learned_refs,
            journal=_read_balances(workspace, move),
            audit_head=workspace.journal.get_audit_head(),
            descriptions=pack_descriptions((change.origin, change.target)),
            titles={side.name: side.title for side in (change.origin, change.target)},
        )
        fingerprint = signing.write_dossier(output, build_document(case), key, work / "ecarts.jsonl")
        workspace.journal.append_audit("switch.prove", name, "", workspace.clock.now(), name_operator())
    count = sum(finding["count"] for finding in comparison["findings"])
    content = {"folder": output.name, "fingerprint": fingerprint, "open": count}
    invocation.answer("switch.prove", content, lambda: dossiers.format_signed(fingerprint, count))
    return Exit.ASIDE if count else Exit.SETTLED


def _read_balances(workspace: Workspace, move: Move | None) -> list[dict[str, Any]]:
    """Return the balance of each sub-flow of a move, over all its parcels."""
    balances = []
    for sub_flow in move.sub_flows if move else ():
        total = sum((book.balance for book in workspace.journal.list_balances(sub_flow.flow)), Balance())
        named = {"flow": sub_flow.flow, "contract": sub_flow.contract, "beside": list(sub_flow.beside)}
        balances.append({**named, **json_forms.describe_balance(total)})
    return balances
