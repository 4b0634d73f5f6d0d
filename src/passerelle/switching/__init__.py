"""Changing supplier: know before, move, prove after, and be able to leave."""
