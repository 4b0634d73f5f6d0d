"""Compani: its exports of interventions, absences, invoices, fundings and subscriptions."""

from __future__ import annotations

from passerelle import Supplier, hookimpl

from .absences import ABSENCES
from .exports import SYSTEM
from .interventions import INTERVENTIONS
from .invoices import INVOICES
from .plans import FUNDINGS, SUBSCRIPTIONS


@hookimpl
def provide_suppliers() -> list[Supplier]:
    """Return the one supplier of this plugin."""
    connectors = (INTERVENTIONS, ABSENCES, INVOICES, FUNDINGS, SUBSCRIPTIONS)
    return [Supplier(id=SYSTEM, title="Compani", website="https://www.compani.fr", connectors=connectors)]
