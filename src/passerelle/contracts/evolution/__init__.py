"""Ring 1, comparing versions of a contract: four questions, each proved, broken with a counter-example, or undecided."""
