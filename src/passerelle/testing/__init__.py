"""What plugin authors test with: `from passerelle.testing.conformance import conforms`.

Nothing is imported here: pytest loads this package for its plugin before it knows which asserts to explain.
"""
