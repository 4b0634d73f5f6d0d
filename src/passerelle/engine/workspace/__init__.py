"""A workspace is opened here: stores, keys, connectors and flows, from its settings."""
