"""`passerelle organisation shred`: destroys the key of an organisation, so that nothing of it opens again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from passerelle.engine.persons.organisation_keys import shred_organisation
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, name_operator, pass_invocation, why_kept
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.engine.persons.organisation_keys import ShreddedOrganisation


@translated_click.command(
    "shred",
    help=N_(
        "Destroy the key of the organisation of the settings, with its keyring: nothing of it opens again, in the "
        "journal, among received files or in quarantine. Other organisations lose nothing. The name is asked for "
        "again; nothing brings back what was destroyed."
    ),
    examples=(("organisation shred una-35 --why 'fin de son adhésion'", N_("the name is asked for again")),),
)
@translated_click.argument("name", metavar=N_("NAME"), help=N_("The name that stands in «organisation»."))
@why_kept
@answer_format
@pass_invocation
def command(invocation: Invocation, name: str, why: str) -> Exit:
    """Destroy the key of an organisation."""
    invocation.choose_named(name)
    settings = invocation.read_settings()
    typed: str = click.prompt(_("Type the name of the organisation again"), err=True)
    if typed != name:
        raise UsageError("usage.organisation.typed")
    shredded = shred_organisation(settings, name, why=why, who=name_operator())
    content = {"blocks": shredded.blocks, "deposits": shredded.deposits, "others": shredded.others}
    invocation.answer("organisation.shred", content, lambda: "\n".join(_iter_lines(shredded)))
    return Exit.SETTLED


def _iter_lines(shredded: ShreddedOrganisation) -> Iterator[str]:
    yield _("The key is destroyed. Parts of the keyring destroyed with it: {count}.").format(
        count=format_count(shredded.blocks)
    )
    says = _("Received files that nothing opens any more: {count}. Their folder can be removed.")
    yield says.format(count=format_count(shredded.deposits))
    yield _("Other organisations of this journal, which open all of theirs: {count}.").format(
        count=format_count(shredded.others)
    )
    yield _(
        "Where is the key of the installation kept besides? A copy of the database and of the keyring from before "
        "opens with it. «passerelle organisation rotate-key» makes a new one: then destroy every copy of the old one."
    )
