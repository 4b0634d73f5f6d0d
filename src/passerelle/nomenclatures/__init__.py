"""Code lists as data, with their source and date."""
