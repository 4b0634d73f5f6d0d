"""Turns of flows: one taken, worked on and given back; those found that nobody rings for; when each is due."""
