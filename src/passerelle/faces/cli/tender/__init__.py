"""`passerelle tender`: beginning a tender, building it."""
