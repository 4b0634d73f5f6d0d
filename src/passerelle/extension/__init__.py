"""Ring 3, where plugins meet the core: suppliers, connectors, hooks, loading."""
