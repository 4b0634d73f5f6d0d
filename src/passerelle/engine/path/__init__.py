"""The path of a batch: collected, prepared, compared, delivered, settled."""
