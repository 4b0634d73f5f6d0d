"""A stand-in on loopback: a supplier's API to read from, and a receiving system to deliver to. All data is invented."""
