"""Plans a move: what becomes of every field, before anything moves."""
