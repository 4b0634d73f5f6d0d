"""Accounts of the workbench: invited, taken up, proven, disabled."""
