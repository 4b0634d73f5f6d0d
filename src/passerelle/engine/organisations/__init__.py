"""Several organisations on one machine: who they are, whose turn it is, and how all of them are."""
