"""What is examined before a run, and how the installation is now."""
