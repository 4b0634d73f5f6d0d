"""Ring 2, what is kept: journal, quarantine, depot, consents."""
