"""ESPPADOM 1.4: messages between payers and home-care services (ORDER, DELIVERY, INVOICE)."""

from __future__ import annotations

from passerelle import Supplier, hookimpl

from .delivery import DELIVERY
from .invoice import INVOICE
from .order import ORDER
from .own import SYSTEM


@hookimpl
def provide_suppliers() -> list[Supplier]:
    """Return the one supplier of this plugin."""
    return [
        Supplier(id=SYSTEM, title="ESPPADOM", website="https://www.edess.org", connectors=(DELIVERY, ORDER, INVOICE))
    ]
