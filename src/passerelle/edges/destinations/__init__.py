"""Doors where records go out."""
