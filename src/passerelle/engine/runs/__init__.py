"""A run: flow after flow, what stops one, what waits, and what is cleared away afterwards."""
