"""Home care (télégestion): what is funded, planned, done and invoiced."""
