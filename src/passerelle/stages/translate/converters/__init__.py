"""The closed set of converters, one module a family."""
