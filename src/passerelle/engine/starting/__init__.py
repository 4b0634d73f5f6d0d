"""What starts Passerelle by itself, and what it then has to do."""
