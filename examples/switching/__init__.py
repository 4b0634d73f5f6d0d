"""An invented association that changes software: what it leaves, what it moves to, and what can go wrong."""
