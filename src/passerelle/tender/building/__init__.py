"""Builds the files of a frozen tender: document, grid, kit, list of changes."""
