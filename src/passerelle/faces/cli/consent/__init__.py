"""`passerelle consent`: what persons and professionals say about the use of their records."""
