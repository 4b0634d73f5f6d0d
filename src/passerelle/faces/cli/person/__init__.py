"""`passerelle person`: what is known of one person or professional, and its erasure."""
