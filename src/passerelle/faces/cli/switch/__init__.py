"""`passerelle switch`: one module for each command, and what they share."""
