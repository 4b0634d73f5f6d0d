"""Bytes become tables of text."""
