"""The proof of a move: a signed dossier of what was received, moved, compared and decided, which anybody can check."""
