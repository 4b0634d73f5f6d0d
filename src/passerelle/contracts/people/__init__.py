"""Persons, those around them, organisations and professionals."""
