"""What pytest gets from us."""
