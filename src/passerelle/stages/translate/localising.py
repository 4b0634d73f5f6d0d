"""Moves the converters of a table to the place of a flow: its zone, and its country."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from passerelle.stages.translate.converters.choices import FirstOf
from passerelle.stages.translate.converters.contacts import AddressOf
from passerelle.stages.translate.converters.moments import LocalDateTime
from passerelle.stages.translate.converters.numbering import DIALLING_CODES, FRANCE
from passerelle.stages.translate.converters.telecoms import Telecom

if TYPE_CHECKING:
    from passerelle.stages.translate.converter import Converter
    from passerelle.stages.translate.table import Table
    from passerelle.vocabulary.locality import Locality


def move_table(table: Table, locality: Locality) -> Table:
    """Return a table whose converters read the times, numbers and addresses of a place."""
    move = partial(_move_converter, locality=locality)
    fields = {
        name: tuple(map(move, entry)) if isinstance(entry, Sequence) else move(entry)
        for name, entry in table.fields.items()
    }
    return replace(table, fields=fields)


def _move_converter(converter: Converter, locality: Locality) -> Converter:
    match converter:
        case FirstOf():
            return converter.replace_converters(*(_move_converter(one, locality) for one in converter.converters))
        case LocalDateTime() if locality.zone:
            return replace(converter, zone=locality.zone)
        # A connector that names another country knows better: its column holds the numbers of that country.
        case Telecom() if locality.country and converter.country == FRANCE:
            return replace(converter, country=DIALLING_CODES[locality.country])
        case AddressOf() if locality.country and converter.home == "FR":
            return replace(converter, home=locality.country)
        case _:
            return converter
