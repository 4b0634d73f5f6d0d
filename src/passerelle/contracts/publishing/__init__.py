"""The published form of the contracts: schemas, dictionaries, templates and examples, made from the models."""

from passerelle.contracts.publishing.edition import FILES, edition_of, publish, published

__all__ = ["FILES", "edition_of", "publish", "published"]
