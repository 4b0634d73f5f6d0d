"""Channels over which people are told: e-mail, an address to post to, a program of this machine."""
