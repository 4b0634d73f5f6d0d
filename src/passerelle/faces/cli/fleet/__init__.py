"""`passerelle fleet`: one module for each command, and what they share."""
