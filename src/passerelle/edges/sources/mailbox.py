"""A mailbox to which files are sent: attachments of senders who are named, each taken once, none lost.

Whoever wants can write any sender into a mail. The list keeps out what came by mistake, not who forges a sender.
"""

from __future__ import annotations

from dataclasses import field
from email import message_from_bytes, policy
from email.errors import MessageError
from functools import partial
from io import BytesIO
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, Literal

from passerelle.edges.sources.mailbox_session import MOST_BYTES
from passerelle.vocabulary.arrivals import ArrivalMarks, Mark
from passerelle.vocabulary.composition import match_glob
from passerelle.vocabulary.dated_names import find_name_date
from passerelle.vocabulary.errors import TransientError
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.ports import Arrival

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from email.message import EmailMessage

    from passerelle.edges.sources.mailbox_session import MailboxSession
    from passerelle.vocabulary.ports import Unlock

TOO_BIG = "incident.mail.too_big"


@dataclass(slots=True)
class _Message:
    """A message whose attachments are taken: how many of them are not registered yet."""

    number: str
    waiting: int


@dataclass(frozen=True, slots=True)
class MailboxSource:
    """Looks once for messages of `senders`, and takes their attachments whose name matches `glob`.

    `senders` are addresses, or domains with their `@`. A message whose attachments are all registered goes to the
    folder `done`, or is deleted; one of somebody else, or without a wanted attachment, is left as it is.
    """

    session: MailboxSession
    senders: tuple[str, ...]
    glob: str = "*"
    after: Literal["archive", "delete"] = field(default="archive", kw_only=True)
    done: str = field(default="Passerelle", kw_only=True)
    name_date: str = field(default="", kw_only=True)
    unlock: Unlock | None = field(default=None, kw_only=True)
    """What opens attachments that are encrypted; what is not, it hands on as it came."""
    passed: list[tuple[str, ...]] = field(default_factory=list, kw_only=True, compare=False)
    """Names of the attachments of each message of a known sender that the last look left: none of them is wanted."""

    def iter_arrivals(self, cursor: str) -> Iterator[Arrival]:  # noqa: ARG002  it has no cursor
        """Yield the attachments, message by message, oldest first.

        Raises FlowError for what somebody must correct, TransientError when the server is away, and TransientError,
        after all others came, for a message that is too big.
        """
        self.passed.clear()
        try:
            validity = self.session.open()
            is_any_too_big = False
            for number in self.session.list_messages():
                head, size = self.session.read_head(number)
                if not self._is_known(head):
                    continue
                if size > MOST_BYTES:
                    is_any_too_big = True
                    continue
                yield from self._iter_attachments(number, validity)
            if is_any_too_big:
                raise TransientError(TOO_BIG)
        finally:
            self.session.close()

    def count_strays(self, elsewhere: Collection[str]) -> int:
        """Count the messages of known senders that the last look left though they have attachments."""
        return sum(not any(match_glob(name, glob) for name in names for glob in elsewhere) for names in self.passed)

    def try_out(self) -> None:
        """Log in and look into the folder. Raises as `iter_arrivals`."""
        try:
            self.session.open()
            self.session.list_messages()
        finally:
            self.session.close()

    def _iter_attachments(self, number: str, validity: str) -> Iterator[Arrival]:
        attachments = _list_attachments(self.session.read_message(number))
        found = [(name, content) for name, content in attachments if match_glob(name, self.glob)]
        if attachments and not found:
            self.passed.append(tuple(name for name, _content in attachments))
        message = _Message(number, len(found))
        for nth, (name, content) in enumerate(found):
            yield Arrival(
                name,
                partial(self._open, content),
                partial(self._acknowledge, message),
                # the server never gives a number again, as long as it says that numbers stay valid (RFC 3501 §2.3.1.1)
                marks=ArrivalMarks((Mark(f"mail/{number}/{nth}", validity),)),
                named_at=find_name_date(name, self.name_date),
            )

    def _open(self, content: bytes) -> IO[bytes]:
        stream = BytesIO(content)
        return stream if self.unlock is None else self.unlock(stream)

    def _acknowledge(self, message: _Message) -> None:
        """Put the message away once all that it brought is registered."""
        message.waiting -= 1
        if message.waiting:
            return
        if self.after == "delete":
            self.session.delete(message.number)
        else:
            self.session.move(message.number, self.done)

    def _is_known(self, head: bytes) -> bool:
        """Whether the one who is named as sender is on the list: one person, by the whole address or its domain."""
        try:
            addresses = _parse(head)["from"].addresses
        except (AttributeError, IndexError, LookupError, MessageError, TypeError, ValueError):
            return False  # no sender, or none that can be read
        if len(addresses) != 1:
            return False
        address = addresses[0].addr_spec.casefold()
        known = {sender.casefold() for sender in self.senders}
        return address in known or f"@{address.rpartition('@')[2]}" in known


def _list_attachments(content: bytes) -> list[tuple[str, bytes]]:
    """Return the attachments of a message by name, which is data and never a path."""
    found = []
    for part in _parse(content).walk():
        try:
            name = PurePosixPath((part.get_filename() or "").replace("\\", "/")).name
            body = part.get_payload(decode=True)
        except (LookupError, MessageError, TypeError, ValueError):
            continue  # no attachment that anybody could open
        if name and isinstance(body, bytes):
            found.append((name.encode("utf-8", "replace").decode("utf-8"), body))
    return found


def _parse(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=policy.default)
