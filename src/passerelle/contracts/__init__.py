"""Vendor-neutral, versioned contracts: `contracts.get("visit/1")`, `contracts.catalogue()`."""

from passerelle.contracts.catalogue import catalogue, get

__all__ = ["catalogue", "get"]
