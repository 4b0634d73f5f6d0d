"""One module a step, `r` and the number it is known by."""
