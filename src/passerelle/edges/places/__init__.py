"""Places with files, on this machine or another one: what sources take from and destinations write into."""
