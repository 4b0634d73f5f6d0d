"""Takes a move back: what the journal knows was created at the new software is removed there, or listed."""
