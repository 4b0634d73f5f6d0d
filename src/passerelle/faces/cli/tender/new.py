"""`passerelle tender new`: ask who buys what, and write a commented `tender.toml`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

import click

from passerelle.contracts.field_meta import Purpose
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.faces.cli.showing import show
from passerelle.faces.cli.tender.options import FOLDER, check_day
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_, _, get_current
from passerelle.vocabulary.outlets import speak_up

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from passerelle.tender.composing import BuyerChoices
    from passerelle.tender.trades import TradeProposal

TRADES = ("saad", "ccas", "esms", "federation")


@translated_click.command(
    "new",
    help=N_(
        "Begin a tender: ask who writes, for which trade and volumes, and write a commented tender.toml to go on from."
    ),
    examples=(
        ("tender new consultation", N_("answer a few questions")),
        ("tender new consultation --trade saad --yes", N_("take what is proposed")),
        ("tender new consultation --from tender.toml", N_("begin from a file that is written already")),
    ),
)
@translated_click.argument(
    "folder", type=FOLDER, metavar=N_("FOLDER"), help=N_("Where it will stand; made if need be.")
)
@translated_click.option("--trade", type=click.Choice(TRADES), help=N_("The trade whose usual choice is proposed."))
@translated_click.option("--yes", is_flag=True, help=N_("Ask nothing: take what is proposed."))
@translated_click.option(
    "--from", "source", type=translated_click.File(exists=True), metavar=N_("FILE"), help=N_("Take this tender.toml.")
)
@translated_click.option(
    "--date", callback=check_day, metavar=N_("DAY"), help=N_("The day on which it is frozen; today if not said.")
)
@answer_format
@pass_invocation
def new(
    invocation: Invocation, folder: Path, *, trade: str | None, yes: bool, source: Path | None, date: str | None
) -> Exit:
    """Write a `tender.toml`."""
    from passerelle.tender import order_file  # noqa: PLC0415  kept out of start-up
    from passerelle.tender.beginning import write_order  # noqa: PLC0415  the same

    target = folder / order_file.FILE
    if target.exists():
        raise UsageError("usage.file.exists", file=target.name)
    if source:
        try:
            # «sig»: Windows' Notepad puts a byte order mark before the text, which TOML does not know
            text = source.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            raise UsageError("usage.file.unreadable", file=source.name) from None
    else:
        text = _propose_order(trade, date, ask=not yes)
    write_order(folder, text, (source or target).name)
    next_step = _("Written: {file}. Change what must be, then: passerelle tender build {folder}")
    invocation.answer(
        "tender.new",
        {"made": [target.name]},
        lambda: next_step.format(file=target.name, folder=target.parent),
    )
    return Exit.SETTLED


@speak_up()
def _propose_order(name: str | None, date: str | None, *, ask: bool) -> str:
    """Return the text of a tender of this trade, with the answers of whoever is asked."""
    from passerelle.tender.composing import BuyerChoices, compose  # noqa: PLC0415  kept out of start-up
    from passerelle.tender.trades import get_trade  # noqa: PLC0415  the same

    # the local day of whoever writes: in UTC it is another one for some hours of each day
    day = date or datetime.now(UTC).astimezone().date().isoformat()
    if ask and not name:
        for proposed in TRADES:
            show(f"  {proposed.ljust(12)} {get_trade(proposed).title.of(get_current())}")
        name = click.prompt(_("For which trade?"), type=click.Choice(TRADES), default=TRADES[0])
    chosen = get_trade(name or TRADES[0])
    usual = BuyerChoices(id=f"{day[:4]}-01", date=day)
    return compose(chosen, _ask_decisions(chosen, usual) if ask else usual, get_current())


def _ask_decisions(trade: TradeProposal, usual: BuyerChoices) -> BuyerChoices:
    """Ask who writes, for how much, which records and purposes matter, what is wired and what must be given back."""
    from passerelle.contracts.publishing.published_texts import get_label  # noqa: PLC0415  kept out of start-up
    from passerelle.tender.bilingual_texts import get_record_title, load_texts  # noqa: PLC0415  the same
    from passerelle.tender.composing import BuyerChoices  # noqa: PLC0415  the same

    language = get_current()
    labels = load_texts("document")["volumes"]
    return BuyerChoices(
        date=usual.date,
        buyer=click.prompt(_("Who buys?"), default=load_texts("order")[language]["buyer"]),
        title=click.prompt(_("Title of the document"), default=trade.title.of(language)),
        id=click.prompt(_("Your reference"), default=usual.id),
        volumes={
            # No figure is proposed: what nobody gave is printed as a place to complete.
            name: click.prompt(labels[name][language], type=click.IntRange(min=0), default=0)
            for name in trade.volumes
        },
        contracts=_ask_which(
            _("Which kinds of records matter?"), {name: get_record_title(name).of(language) for name in trade.contracts}
        ),
        purposes=tuple(
            Purpose(name)
            for name in _ask_which(
                _("What will the data serve?"), {purpose: get_label(purpose, language) for purpose in trade.purposes}
            )
        ),
        systems=_ask_which(
            _("Which systems must be wired?"), {system["name"]: system["name"] for system in trade.systems}
        ),
        delay_days=click.prompt(
            _("Within how many days must everything be given back?"), type=click.IntRange(1, 365), default=30
        ),
    )


class _YesOrNo(click.ParamType[bool]):
    """Yes or no in either language: click's own question takes only the English words."""

    name = "yes or no"
    _words: ClassVar[Mapping[str, bool]] = {
        **dict.fromkeys(("y", "yes", "o", "oui"), True),
        **dict.fromkeys(("n", "no", "non"), False),
    }

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> bool:
        """Understand an answer; the proposed one comes as it is."""
        if isinstance(value, bool):
            return value
        answer = self._words.get(str(value).strip().lower())
        return self.fail(_("answer yes or no"), param, ctx) if answer is None else answer


def _ask_which(question: str, proposed: Mapping[str, str]) -> tuple[str, ...]:
    """Ask about each proposed key by its label; return the keys that are wanted."""
    show(question)
    choice = _("Y/n")
    return tuple(
        key
        for key, label in proposed.items()
        if click.prompt(f"  {label} [{choice}]", default=True, show_default=False, type=_YesOrNo())
    )
