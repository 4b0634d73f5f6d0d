"""What became of records: the ledger, their comparison with the destination, their names outside."""
