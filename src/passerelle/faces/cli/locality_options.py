"""`--zone` and `--country`: where the supplier of a file is at home, where no flow says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from passerelle.faces.cli.translated_click import option
from passerelle.vocabulary.formatting import show_name
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.locality import COUNTRIES

if TYPE_CHECKING:
    from collections.abc import Callable

Command = TypeVar("Command", bound="Callable[..., Any]")


def _check_zone(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    # the check of the settings, so that what is accepted here is what a flow accepts
    from pydantic_core import PydanticCustomError  # noqa: PLC0415  kept out of start-up

    from passerelle.engine.settings.flow_settings import check_zone  # noqa: PLC0415  kept out of start-up

    try:
        return check_zone(value)
    except PydanticCustomError:
        raise click.BadParameter(_("«{key}» is no time zone.").format(key=show_name(value))) from None


_zone = option(
    "--zone",
    default="",
    callback=_check_zone,
    metavar=N_("ZONE"),
    help=N_("The time zone of its local times, as in the settings of a flow: Indian/Reunion."),
)
_country = option(
    "--country",
    default="",
    type=click.Choice(["", *COUNTRIES], case_sensitive=False),
    metavar=N_("COUNTRY"),
    help=N_("The country of its national numbers and addresses, as in the settings of a flow: RE."),
)


def add_locality_options(command: Command) -> Command:
    """Add the options that say where a supplier is at home: the arguments `zone` and `country`."""
    return _zone(_country(command))
