"""Runs a move: the old software's records go to the new one, contract by contract, as flows of the engine."""
