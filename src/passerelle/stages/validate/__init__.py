"""Fields become records of their contract, or a reason."""
