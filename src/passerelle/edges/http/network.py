"""The guarded transport: addresses are checked before they are connected to, and every wait ends at the deadline.

httpx bounds each read, not the whole call: a server that sends a byte now and then holds a call for ever. Here each
read and write gets what is left of the call's deadline. Resolving a name cannot be interrupted and may add to it.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from time import monotonic
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

from passerelle.edges.http.certificate_ends import note_certificate
from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from passerelle.edges.http.policy import Policy

_SLICE = 64 * 1024
_NAT64 = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))
"""RFC 6052, and RFC 8215 for translators of one's own: the last 32 bits are the IPv4 address."""
_ISATAP = 0x5EFE
"""RFC 5214: the interface part begins with 0000:5efe or 0200:5efe, then comes the IPv4 address."""
_METADATA = frozenset(
    map(
        ip_address,
        # Amazon, Google, Oracle; Alibaba, Azure, and everybody's
        (
            *("fd00:ec2::254", "fd20:ce::254", "fd00:c1::a9fe:a9fe", "192.0.0.192", "100.100.100.200"),
            *("168.63.129.16", "169.254.169.254", "169.254.170.2", "169.254.169.253"),
        ),
    )
)
"""Where clouds hand out the credentials of the machine: nobody's supplier, on no network."""
_ends: ContextVar[float | None] = ContextVar("ends", default=None)


@contextmanager
def limit_until(ends: float) -> Iterator[None]:
    """Make every read and write of this thread end at `ends`, a monotonic time."""
    token = _ends.set(ends)
    try:
        yield
    finally:
        _ends.reset(token)


def is_loopback_name(host: str) -> bool:
    """Whether a host is literally this machine. A name that merely resolves to it is not."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_reachable(address: IPv4Address | IPv6Address, *, private: bool, loopback: bool) -> bool:
    """Whether an address may be connected to. IPv4 inside IPv6 is judged as the IPv4 that it is."""
    if isinstance(address, IPv6Address) and (inner := _find_inner(address)):
        return is_reachable(inner, private=private, loopback=loopback)
    if address in _METADATA:
        return False
    if address.is_loopback:
        return loopback or private
    if address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved:
        return False
    return address.is_global or (private and address.is_private)


def _find_inner(address: IPv6Address) -> IPv4Address | None:
    if any(address in network for network in _NAT64) or int(address) >> 32 & 0xFDFFFFFF == _ISATAP:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def make_guarded_transport(policy: Policy) -> httpx.HTTPTransport:
    """Build the transport: checked addresses, no proxy or credentials from the environment, a bounded pool."""
    return _GuardedTransport(policy)


def make_tls_context() -> ssl.SSLContext:
    """Make what verifies servers: by the roots that come along, and those of this machine."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()  # what the machine's operator trusts: systems on one's own network have such roots
    return context


_make_tls_context = cache(make_tls_context)


def resolve_allowed(host: str, port: int, *, private: bool) -> list[str]:
    """Return the addresses of a server. Raises FlowError if any of them is forbidden, OSError when it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise socket.gaierror from None
    addresses = list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
    loopback = is_loopback_name(host)
    for address in addresses:
        if not is_reachable(ip_address(address), private=private, loopback=loopback):
            raise FlowError("incident.address.private")
    return addresses


def connect_allowed(host: str, port: int, *, private: bool, timeout: float) -> socket.socket:
    """Connect to a server, at an address that was checked. Raises as `resolve_allowed`, and OSError."""
    error: OSError = ConnectionError()
    for address in resolve_allowed(host, port, private=private):
        try:
            return socket.create_connection((address, port), timeout)
        except OSError as problem:
            error = problem
    raise error


class _GuardedTransport(httpx.HTTPTransport):
    def __init__(self, policy: Policy) -> None:
        super().__init__(verify=_make_tls_context(), trust_env=False)
        # httpx offers no way to hand a network backend to its pool; its own pool has opened nothing yet.
        self._pool = httpcore.ConnectionPool(
            ssl_context=_make_tls_context(),
            max_connections=policy.in_flight,
            max_keepalive_connections=policy.in_flight,
            keepalive_expiry=5.0,
            network_backend=_GuardedBackend(private=policy.allowed_private),
        )


class _GuardedBackend(httpcore.NetworkBackend):
    """Resolves once, refuses if any address is forbidden, connects to a checked one (no DNS rebinding)."""

    def __init__(self, *, private: bool) -> None:
        self._private = private
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        error: Exception = httpcore.ConnectError()
        for address in self._resolve_host(host, port):
            remaining = _compute_remaining(timeout, httpcore.ConnectTimeout)
            try:
                stream = self._inner.connect_tcp(address, port, remaining, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as problem:
                error = problem
            else:
                return _TimedStream(stream, (host, port))
        raise error

    def _resolve_host(self, host: str, port: int) -> list[str]:
        try:
            return resolve_allowed(host, port, private=self._private)
        except OSError:
            raise httpcore.ConnectError from None


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every wait is cut to what is left of the call's deadline.

    What is small is sent when an answer is awaited: the head and the body of a request in one go.
    """

    def __init__(self, inner: httpcore.NetworkStream, server: tuple[str, int]) -> None:
        self._inner = inner
        self._server = server
        self._unsent = b""
        self._patience: float | None = None

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        # As httpcore does: who hangs up while we write may have answered already.
        with suppress(httpcore.WriteError):
            self._send()
        return self._inner.read(max_bytes, _compute_remaining(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._unsent += buffer
        self._patience = timeout
        if len(self._unsent) > _SLICE:
            self._send()

    def _send(self) -> None:
        # In slices, because the time-out of a write is that of each send, and a slow reader makes many sends.
        buffer, self._unsent = self._unsent, b""
        for start in range(0, len(buffer), _SLICE):
            self._inner.write(buffer[start : start + _SLICE], _compute_remaining(self._patience, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        remaining = _compute_remaining(timeout, httpcore.ConnectTimeout)
        try:
            stream = self._inner.start_tls(ssl_context, server_hostname, remaining)
        except httpcore.ConnectError as problem:
            if isinstance(problem.__cause__, ssl.SSLCertVerificationError):
                raise FlowError("incident.supplier.untrusted") from None
            raise
        note_certificate(*self._server, stream)
        return _TimedStream(stream, self._server)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _compute_remaining(timeout: float | None, late: type[Exception]) -> float | None:
    ends = _ends.get()
    if ends is None:
        return timeout
    remaining = ends - monotonic()
    if remaining <= 0:
        raise late
    return remaining if timeout is None else min(remaining, timeout)
