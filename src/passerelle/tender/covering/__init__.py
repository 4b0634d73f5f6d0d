"""Coverage of the contracts by a supplier's description: which fields it fills, and which it takes back."""
