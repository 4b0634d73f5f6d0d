"""The cahier des charges: written from the contracts, answered by bidders, checked by running their samples."""
