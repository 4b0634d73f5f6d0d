"""`passerelle contracts`: listing, showing and comparing the contracts."""
