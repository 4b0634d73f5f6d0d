"""Knowing before: what the new software would hold of what the old one holds, and what people must decide."""
