"""Ring 0, the words everything else is said with: no input or output here."""
