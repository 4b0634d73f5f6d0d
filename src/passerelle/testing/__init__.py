"""What plugin authors test with: `TestMyConnector = conforms("my-connector", samples / "nominal.csv", …)`."""

from passerelle.testing.conformance import Conformance, conforms

__all__ = ["Conformance", "conforms"]
