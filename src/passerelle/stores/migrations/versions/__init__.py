"""One module per revision, named `r` and its number."""
