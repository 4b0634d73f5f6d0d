"""Connections to other databases, as source or destination, and what their errors mean."""
