"""Scores of several bidders side by side, or the reason why they cannot be compared."""
