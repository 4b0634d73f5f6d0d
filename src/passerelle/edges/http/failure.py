"""Sent, and no usable answer: the one failure whose effect on the other side is not known."""

from __future__ import annotations

from passerelle.vocabulary.errors import TransientError


class UnansweredError(TransientError):
    """The other side may have acted on the request. It may be sent again only with the same key."""
