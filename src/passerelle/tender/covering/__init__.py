"""What a supplier's description alone says: which fields of the contracts it fills, and which it takes back."""
