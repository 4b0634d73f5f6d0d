"""What the commands about a tender ask for alike: a folder, a day."""

from __future__ import annotations

from pathlib import Path

import click

from passerelle.vocabulary.language import _

FOLDER = click.Path(file_okay=False, path_type=Path)


def check_day(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Return a day of an option as it is. Raises BadParameter for what is no day."""
    from passerelle.tender.order_file import is_day  # noqa: PLC0415  kept out of start-up

    if value is not None and not is_day(value):
        raise click.BadParameter(_("write a day as 2026-11-21"))
    return value
