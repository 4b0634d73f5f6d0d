"""Backups: written, examined, restored."""
