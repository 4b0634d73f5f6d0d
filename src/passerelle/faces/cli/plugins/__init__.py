"""`passerelle plugins`: one module for each command that does more than list."""
