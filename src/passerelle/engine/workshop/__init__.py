"""Descriptions of suppliers, from a proposal to the file that runs read."""
