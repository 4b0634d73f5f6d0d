"""Ring 1, comparing editions of a contract: proved, broken with a counter-example, or undecided."""
