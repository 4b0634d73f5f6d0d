"""Ring 5, what plugin authors test with."""
