"""Records that may go: purpose and consent."""
