"""From a frozen tender to what people are handed: document, grid, kit, list of changes."""
