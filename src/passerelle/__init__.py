"""Passerelle: vendor-neutral contracts in the middle, one small plugin per supplier at the edge."""
