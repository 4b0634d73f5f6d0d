"""Runs and files that are tried without anything being delivered."""
