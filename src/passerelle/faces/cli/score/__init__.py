"""`passerelle score`: scoring samples, comparing scores, writing both."""
