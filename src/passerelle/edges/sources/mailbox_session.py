"""A connection to a mailbox (IMAP over TLS from the first byte), and what is asked of it: nothing is read as «seen»."""

from __future__ import annotations

import base64
import imaplib
import re
import ssl
from contextlib import contextmanager, suppress
from dataclasses import field
from typing import TYPE_CHECKING, Any

from passerelle.edges.http.network import connect_allowed, make_tls_context
from passerelle.vocabulary.errors import FlowError, TransientError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

STEP_SECONDS = 60.0
MOST_BYTES = 64 << 20
"""Most bytes of a message that is read: servers of mail take less."""
_LOST = (imaplib.IMAP4.abort, OSError)
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,15})")
_PRINTABLE = re.compile(r"[\x20-\x25\x27-\x7e]+")


@dataclass(frozen=True, slots=True)
class MailboxAccess:
    """Where the server is, who we are to it, and which folder is looked at."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    private: bool = False


class _GuardedImap(imaplib.IMAP4_SSL):
    """Connects to checked addresses only; takes no more of an answer than a message may hold."""

    def __init__(self, access: MailboxAccess) -> None:
        self._access = access
        super().__init__(access.host, access.port, ssl_context=make_tls_context(), timeout=STEP_SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        access = self._access
        plain = connect_allowed(access.host, access.port, private=access.private, timeout=timeout or STEP_SECONDS)
        wrapped: ssl.SSLSocket = self.ssl_context.wrap_socket(plain, server_hostname=access.host)
        return wrapped

    def read(self, size: int) -> bytes:
        """Read so many bytes of an answer."""
        if size > 2 * MOST_BYTES:
            raise self.abort("too much")
        return super().read(size)


class MailboxSession:
    """A connection that is opened for a look, and closed after it."""

    def __init__(self, access: MailboxAccess) -> None:
        self._access = access
        self._imap: _GuardedImap | None = None
        self._can = frozenset[str]()

    def open(self) -> str:
        """Connect, log in, enter the folder, and return what numbers of messages are valid with (UIDVALIDITY).

        Raises FlowError for what somebody must correct, TransientError for what may pass.
        """
        access = self._access
        with _translate_faults("incident.folder.away"):
            self._imap = imap = _GuardedImap(access)
            self._log_in(imap)
            told = _check(imap.capability())
            # what it can do is told again, and in full, to whom it knows
            self._can = frozenset((told[-1] or b"").decode("ascii", "replace").upper().split())
            _check(imap.select(_quote(access.folder)))
            _kind, told = imap.response("UIDVALIDITY")
            return (told[-1] or b"").decode("ascii", "replace") if told else ""

    def list_messages(self) -> list[str]:
        """Return the numbers of the messages that are not deleted, oldest first."""
        with _translate_faults("incident.folder.failing"):
            found = _check(self._ask.uid("SEARCH", "UNDELETED"))
            numbers = (found[0] or b"").decode("ascii", "replace").split()
            return sorted((number for number in numbers if number.isdigit()), key=int)

    def read_head(self, number: str) -> tuple[bytes, int]:
        """Return the head of a message, and the size of the whole; nothing of one that is gone."""
        with _translate_faults("incident.folder.failing"):
            found = _check(self._ask.uid("FETCH", number, "(RFC822.SIZE BODY.PEEK[HEADER])"))
        told = b" ".join(part if isinstance(part, bytes) else part[0] for part in found if part)
        size = _SIZE.search(told)
        return _find_literal(found), int(size[1]) if size else 0

    def read_message(self, number: str) -> bytes:
        """Return a whole message."""
        with _translate_faults("incident.folder.failing"):
            return _find_literal(_check(self._ask.uid("FETCH", number, "(BODY.PEEK[])")))

    def move(self, number: str, folder: str) -> None:
        """Move a message into another folder, which is made where it is not. Raises FlowError when it cannot be."""
        with _translate_faults("incident.folder.unwritable", is_final=True):
            imap, target = self._ask, _quote(folder)
            imap.create(target)  # «NO»: it is there already
            if "MOVE" in self._can:
                _check(imap.uid("MOVE", number, target))
            else:
                _check(imap.uid("COPY", number, target))
                self._delete(imap, number)

    def delete(self, number: str) -> None:
        """Delete a message. Raises FlowError when it cannot be."""
        with _translate_faults("incident.folder.unwritable", is_final=True):
            self._delete(self._ask, number)

    def close(self) -> None:
        """Close the connection, whatever state it is in."""
        imap, self._imap = self._imap, None
        if imap is not None:
            with suppress(imaplib.IMAP4.error, OSError):
                imap.logout()
            with suppress(imaplib.IMAP4.error, OSError):
                imap.shutdown()  # which is left out where the farewell failed

    @property
    def _ask(self) -> _GuardedImap:
        if self._imap is None:
            raise TransientError("incident.place.unreachable")
        return self._imap

    def _log_in(self, imap: _GuardedImap) -> None:
        access = self._access
        try:
            if "AUTH=PLAIN" in imap.capabilities:
                # RFC 4616: the one way to log in that carries every password
                words = f"\0{access.user}\0{access.password}".encode()
                imap.authenticate("PLAIN", lambda _asked: words)
            else:
                imap.login(access.user, access.password)
        except imaplib.IMAP4.abort:
            raise
        except (imaplib.IMAP4.error, UnicodeEncodeError):
            raise FlowError("incident.credentials.refused") from None

    def _delete(self, imap: _GuardedImap, number: str) -> None:
        """Mark a message as deleted; it goes at once only where others that are marked can stay (RFC 4315)."""
        _check(imap.uid("STORE", number, "+FLAGS.SILENT", r"(\Deleted)"))
        if "UIDPLUS" in self._can:
            _check(imap.uid("EXPUNGE", number))


def _check(answer: tuple[str, list[Any]]) -> list[Any]:
    """Return what an answer holds. Raises imaplib's error, without the server's words, when it is a refusal."""
    kind, content = answer
    if kind != "OK":
        raise imaplib.IMAP4.error
    return content


def _find_literal(found: list[Any]) -> bytes:
    """Return what was sent with its length."""
    return next((part[1] for part in found if isinstance(part, tuple)), b"")


def _quote(folder: str) -> str:
    """Write the name of a folder as RFC 3501 §5.1.3 asks: in UTF-7 of its own kind, quoted."""
    coded, place = [], 0
    while place < len(folder):
        if plain := _PRINTABLE.match(folder, place):
            coded.append(plain[0])
            place = plain.end()
        elif folder[place] == "&":
            coded.append("&-")
            place += 1
        else:
            end = place
            while end < len(folder) and folder[end] != "&" and not _PRINTABLE.match(folder, end):
                end += 1
            text = base64.b64encode(folder[place:end].encode("utf-16-be")).decode("ascii")
            coded.append(f"&{text.rstrip('=').replace('/', ',')}-")
            place = end
    return '"{}"'.format("".join(coded).replace("\\", "\\\\").replace('"', '\\"'))


@contextmanager
def _translate_faults(code: str, *, is_final: bool = False) -> Iterator[None]:
    """Turn what goes wrong into our own errors: `code` where the server says no."""
    try:
        yield
    except ssl.SSLCertVerificationError:
        raise FlowError("incident.supplier.untrusted") from None
    except _LOST:
        raise TransientError("incident.place.unreachable") from None
    except imaplib.IMAP4.error:
        raise (FlowError(code) if is_final else TransientError(code)) from None
