"""Ring 2: the journal, quarantine, depot and consents of an installation, on disk or in a database."""
