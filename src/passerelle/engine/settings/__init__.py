"""What `passerelle.toml` says: its models, its kinds of values, and what is read beside it."""
