"""Doors where parcels come in."""
