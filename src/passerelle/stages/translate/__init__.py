"""Text becomes contract fields, and back: one mapping, two gaits."""
