"""The published form of the contracts: schemas, dictionaries, templates and examples, made from the models."""

from passerelle.contracts.publishing.published_files import FILES, build_edition, build_files, write_files

__all__ = ["FILES", "build_edition", "build_files", "write_files"]
