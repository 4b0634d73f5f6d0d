"""`passerelle exit-pack`: everything that the organisation holds in one archive, and its reader."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, name_operator, pass_invocation, why_kept
from passerelle.faces.cli.progress import measure_progress
from passerelle.faces.cli.showing import show
from passerelle.faces.report import exit_pack
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.outlets import speak_up

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.switching.exit_pack.manifest import PackType
    from passerelle.switching.exit_pack.pack_selection import PackSelection

ASK = "ask"
"""In place of a secret reference: ask for the passphrase on the terminal."""


class _Day(click.ParamType[str]):
    """A day as people are asked to write it."""

    name = "day"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take a day that exists."""
        try:
            return datetime.strptime(value, "%Y-%m-%d").date().isoformat()  # noqa: DTZ007  a day has no zone
        except ValueError:
            # click's own date type would answer with strftime's «%Y-%m-%d»
            return self.fail(_("write a day as 2026-11-21"), param, ctx)


_DAY = _Day()
_PASSPHRASE = N_("Where the passphrase is: env:NAME, file:PATH, keyring:service/name, or «ask».")


@translated_click.group(
    "exit-pack",
    invoke_without_command=True,
    help=N_(
        "Write everything that the organisation holds into one archive: records in contract form, files as received, "
        "dictionary, mappings, books, and a manifest with digests. Without --encrypt it holds personal data in clear. "
        "Needs --why, which is recorded."
    ),
    examples=(
        ('exit-pack --output sortie.zip --why "changement de logiciel"', N_("everything")),
        ('exit-pack --output jeanne.zip --person compani:person:66f0b1d2 --why "…"', N_("what concerns one person")),
        ('exit-pack --output 2024.zip --from 2024-01-01 --to 2024-12-31 --why "…"', N_("what happened in a year")),
        ('exit-pack --output sortie.psx --encrypt ask --why "…"', N_("sealed under a passphrase")),
        ("exit-pack verify sortie.zip", N_("check a pack")),
    ),
)
@translated_click.option("--output", type=translated_click.File(), metavar=N_("FILE"), help=N_("The archive to write."))
@translated_click.option(
    "--type",
    "kind",
    type=click.Choice(["unitaire", "cible", "massif"]),
    help=N_("One person, a part, or everything; by default what the other options say."),
)
@translated_click.option("--person", default="", metavar="REF", help=N_("Only what concerns this person."))
@translated_click.option(
    "--from", "start", type=_DAY, metavar=N_("DAY"), help=N_("Only what happened from this day on.")
)
@translated_click.option("--to", "end", type=_DAY, metavar=N_("DAY"), help=N_("Only what happened until this day."))
@translated_click.option(
    "--settings", "with_settings", is_flag=True, help=N_("Put the settings in (they hold no secret).")
)
@translated_click.option("--encrypt", "reference", metavar=N_("REFERENCE"), help=_PASSPHRASE)
@translated_click.option("--publisher", default="", metavar=N_("NAME"), help=N_("Who hands the pack over."))
@translated_click.option("--siret", default="", metavar="SIRET", help=N_("The SIRET of whoever hands it over."))
@translated_click.option("--contact", default="", metavar=N_("TEXT"), help=N_("How to reach whoever hands it over."))
@translated_click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]),
    metavar=N_("MOMENT"),
    help=N_("The moment that the manifest says, with its offset; by default now."),
)
@why_kept
@answer_format
@click.pass_context
def command(  # noqa: PLR0913, PLR0917  one argument an option
    ctx: click.Context,
    output: Path | None,
    kind: str | None,
    person: str,
    start: str | None,
    end: str | None,
    with_settings: bool,  # noqa: FBT001  click gives flags by name
    reference: str | None,
    publisher: str,
    siret: str,
    contact: str,
    at: datetime | None,
    why: str,
) -> Exit | None:
    """Make a pack, unless one is to be verified."""
    if ctx.invoked_subcommand is not None:
        return None
    if output is None:
        raise UsageError("usage.output.needed")
    invocation = ctx.ensure_object(Invocation)
    from passerelle.engine.audit.revealing import require_why  # noqa: PLC0415  help needs none of it
    from passerelle.switching.exit_pack.manifest import PackPublisher  # noqa: PLC0415  help needs none of it
    from passerelle.switching.exit_pack.pack_selection import PackSelection  # noqa: PLC0415  the same
    from passerelle.switching.exit_pack.packing import ExitPackOrder, pack  # noqa: PLC0415  the same

    # before a passphrase is asked for
    require_why(why)
    if start and end and start > end:
        raise UsageError("usage.pack.period", start=start, end=end)
    selection = PackSelection(person, start or "", end or "")
    order = ExitPackOrder(
        at=at or datetime.now(UTC),
        selection=selection,
        type=_choose_type(kind, selection),
        publisher=PackPublisher(name=publisher, siret=siret, contact=contact),
        settings=with_settings,
        passphrase=fetch_passphrase(reference, confirm=True),
        who=name_operator(),
        why=why,
    )
    with invocation.open_workspace() as workspace, measure_progress("exit-pack") as progress:
        manifest = pack(workspace, output, order, progress)
    if not order.passphrase:
        show(_("This archive holds personal data in clear: keep it as you would the paper files."), err=True)
    if not manifest.contracts and not selection.is_all:
        show(_("Nothing that is held answers to this selection: check it."), err=True)
    content = exit_pack.describe_pack(manifest, output)
    invocation.answer("exit-pack", content, lambda: exit_pack.format_pack(manifest, output))
    return Exit.SETTLED if manifest.contracts or selection.is_all else Exit.ASIDE


def _choose_type(kind: str | None, selection: PackSelection) -> PackType:
    """Return the kind of pack that the options imply. Raises UsageError when another one is asked for."""
    implied: PackType = "UNITAIRE" if selection.person else "CIBLE" if not selection.is_all else "MASSIF"
    if kind is not None and kind.upper() != implied:
        raise UsageError("usage.pack.selection", type=kind.upper())
    return implied


@speak_up()
def fetch_passphrase(reference: str | None, *, confirm: bool) -> str:
    """Fetch a passphrase; empty where none is asked for. Raises SettingsError for a reference that leads nowhere."""
    from passerelle.engine.settings.secrets import resolve  # noqa: PLC0415  help needs none of it

    if reference is None:
        return ""
    # on standard error: standard output may be redirected to a file, and nobody would see the question
    if reference == ASK:
        passphrase: str = click.prompt(_("Passphrase"), hide_input=True, confirmation_prompt=confirm, err=True)
        return passphrase
    return resolve(reference).reveal()


@command.command(
    "verify",
    help=N_(
        "Check a pack: that nothing was changed, added or taken away, that each record is what its contract says, that "
        "references lead where the manifest says. Nothing of it is written anywhere."
    ),
    examples=(
        ("exit-pack verify sortie.zip", N_("say what is wrong, and where")),
        ("exit-pack verify sortie.psx --passphrase ask", N_("a sealed one")),
    ),
)
@translated_click.argument("pack", type=translated_click.File(), metavar=N_("FILE"), help=N_("The archive."))
@translated_click.option("--passphrase", "reference", metavar=N_("REFERENCE"), help=_PASSPHRASE)
@answer_format
@pass_invocation
def verify_pack(invocation: Invocation, pack: Path, reference: str | None) -> Exit:
    """Verify a pack."""
    from passerelle.switching.exit_pack.pack_verifying import verify_pack  # noqa: PLC0415  help needs none of it

    with measure_progress("verify") as progress:
        report = verify_pack(pack, passphrase=fetch_passphrase(reference, confirm=False), progress=progress)
    invocation.answer(
        "exit-pack.verify",
        exit_pack.describe_verification(report),
        lambda: exit_pack.format_verification(report),
    )
    return Exit.SETTLED if report.is_good else Exit.ASIDE
