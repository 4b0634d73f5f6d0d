"""The metadata of every table of a journal: importing this module declares all of them."""

from __future__ import annotations

from passerelle.stores import (
    api_schema,
    following_schema,
    organisation_schema,
    shelf_schema,
    sign_in_schema,
    subscription_schema,
    switch_schema,
    turn_schema,
    workbench_schema,
    writing_schema,
)
from passerelle.stores.schema import metadata

__all__ = ["DECLARED", "metadata"]

DECLARED = (
    workbench_schema,
    shelf_schema,
    organisation_schema,
    turn_schema,
    api_schema,
    subscription_schema,
    switch_schema,
    sign_in_schema,
    writing_schema,
    following_schema,
)
"""The modules that declare tables beside those of `schema`."""
