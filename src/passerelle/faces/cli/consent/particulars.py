"""The options that say what an answer is about and how it was collected, for every command that records one."""

from __future__ import annotations

from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from passerelle.contracts.field_meta import Purpose
from passerelle.engine.persons.consent_answers import AnswerParticulars
from passerelle.faces.cli.translated_click import File, option
from passerelle.stores.consents import ALL_PURPOSES_ANSWER
from passerelle.stores.statement_rules import ANYONE
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Command = TypeVar("Command", bound="Callable[..., Any]")


def read_day(_ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """Read a day as people are asked to write it."""
    if value is None:
        return None
    try:
        return datetime.strptime(value, "%Y-%m-%d")  # noqa: DTZ007  a day has no zone
    except ValueError:
        # click's own date type would answer with strftime's «%Y-%m-%d»
        raise click.BadParameter(_("write a day as 2026-11-21"), param=param) from None


_OPTIONS = (
    option(
        "--purpose",
        type=click.Choice([purpose.value for purpose in Purpose]),
        help=N_("For this purpose only; for every purpose when absent."),
    ),
    option(
        "--recipient",
        metavar=N_("FLOW"),
        help=N_("Towards the recipient of this flow only; towards everybody when absent."),
    ),
    option("--until", metavar=N_("DAY"), callback=read_day, help=N_("The last day on which it holds.")),
    option("--text", default="", metavar=N_("VERSION"), help=N_("Which text the person was shown.")),
    option("--collected", default="", metavar=N_("WORDS"), help=N_("How it was collected; sealed.")),
    option("--by", default="", metavar=N_("WORDS"), help=N_("Who collected it; sealed.")),
    option(
        "--proof",
        type=File(),
        metavar=N_("FILE"),
        help=N_("What proves it, a scanned paper for example: only its digest is kept."),
    ),
)


def add_particulars(command: Command) -> Command:
    """Add these options to a command, which gets them as `particulars`."""

    @wraps(command)
    def take(  # noqa: PLR0913  one argument an option
        *args: Any,
        purpose: str | None,
        recipient: str | None,
        until: datetime | None,
        text: str,
        collected: str,
        by: str,
        proof: Path | None,
        **kwargs: Any,
    ) -> Any:
        particulars = AnswerParticulars(
            purpose=purpose or ALL_PURPOSES_ANSWER,
            recipient=recipient or ANYONE,
            last_day=until.date() if until else None,
            collected=collected,
            collected_by=by,
            text_version=text,
            proof=proof,
        )
        return command(*args, particulars=particulars, **kwargs)

    for add in reversed(_OPTIONS):
        take = add(take)
    return take  # type: ignore[return-value]  # the same command, with other options
