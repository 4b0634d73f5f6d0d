"""Ring 4, what makes it run."""
