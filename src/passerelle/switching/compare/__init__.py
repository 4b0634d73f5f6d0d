"""Comparing two sides: both read back to contracts, matched, and every difference named."""
