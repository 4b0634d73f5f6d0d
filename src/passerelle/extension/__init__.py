"""Ring 3, between plugins and core: suppliers, connectors, hooks, loading."""
