"""Which references of a supplier leave as they are: those that it declares opaque wherever it makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.stages.translate.converters.references import Ref
from passerelle.stages.translate.sharing import list_converters

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from passerelle.extension.supplier import Connector, Supplier


def iter_references(connector: Connector) -> Iterator[Ref]:
    """Yield every converter of references of a connector, those inside of others too."""
    for table in connector.tables:
        for entry in table.fields.values():
            for converter in list_converters(entry):
                for one in (converter, *getattr(converter, "converters", ())):
                    if isinstance(one, Ref):
                        yield one


def list_openings(connectors: Iterable[Connector]) -> dict[str, bool]:
    """Return how references begin (`compani:person:`), in order, and whether all that begin so are opaque."""
    openings: dict[str, bool] = {}
    for connector in connectors:
        for one in iter_references(connector):
            openings[one.opening] = openings.get(one.opening, True) and one.opaque
    return dict(sorted(openings.items()))


def list_kept(supplier: Supplier) -> frozenset[str]:
    """Return the beginnings of the references of a supplier that leave as they are."""
    # Over all its connectors: a person must not have a handle in one flow and an id in another of the same recipient.
    return frozenset(opening for opening, opaque in list_openings(supplier.connectors).items() if opaque)
