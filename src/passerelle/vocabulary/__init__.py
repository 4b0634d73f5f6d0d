"""Ring 0: the types, codes, errors and ports that every other package uses. No input or output here."""
