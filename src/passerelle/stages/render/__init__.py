"""Rows become documents again: XML and JSON, in the order and under the names that a supplier reads."""
