"""How politely and how long we speak to one other system: every bound of an HTTP call."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """The bounds of every call. Times are in seconds."""

    allowed_private: bool = False
    """An operator's explicit word that this system lives on a private network (RFC 1918, fc00::/7). Link-local
    addresses, where clouds keep their metadata, are refused even then."""
    deadline: float = 30.0
    """One call, from the first attempt to the last byte of the body, retries and pauses included."""
    connect: float = 5.0
    max_bytes: int = 64 * 1024 * 1024
    """Most bytes of one answer, after decompression."""
    cuts_answers: bool = False
    """Whether of a longer answer the beginning is enough; otherwise it is refused."""
    attempts: int = 4
    per_second: float = 10.0
    """Most requests a second; 0 for no limit of ours."""
    in_flight: int = 4
    """Most requests, and connections, at once."""
    longest_pause: float = 5.0
    """Longest pause slept here. What needs longer makes the batch wait instead."""
    server_hint_ceiling: float = 3600.0
    """Longest `Retry-After` that is believed."""
