"""Ring 2, where bytes come in and records go out."""
