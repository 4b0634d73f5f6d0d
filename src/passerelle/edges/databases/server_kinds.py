"""The kinds of servers that flows read and write: the driver of each, and how a connection is protected.

Encrypted and its server verified, unless the address says otherwise or the server is on this machine. PostgreSQL's part
is `vocabulary/database_tls.py`, which the journal uses too. Drivers, and why these:

- MySQL, MariaDB: PyMySQL (MIT). MySQL Connector is GPL, mysqlclient too, and wants a compiler.
- SQL Server: pyodbc (MIT) with Microsoft's ODBC Driver 18, which encrypts and verifies by itself and tells SQLSTATEs.
  pymssql verifies a certificate only after a file of FreeTDS was written.
- Oracle: python-oracledb (UPL or Apache-2.0) in its thin mode, which needs no client of Oracle.
"""

from __future__ import annotations

import ssl
from contextlib import suppress
from importlib.util import find_spec
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from passerelle.vocabulary.database_tls import choose_tls, is_here
from passerelle.vocabulary.database_tls import is_verified as is_postgresql_verified
from passerelle.vocabulary.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import URL

_ODBC_DRIVER = "ODBC Driver 18 for SQL Server"
_MODES: Mapping[str, tuple[bool, ssl.VerifyMode]] = MappingProxyType(
    {
        "verify_identity": (True, ssl.CERT_REQUIRED),
        "verify_ca": (False, ssl.CERT_REQUIRED),
        "required": (False, ssl.CERT_NONE),
    }
)
"""By the name that MySQL's own client gives it: whether the name must be the server's, and the certificate trusted."""


class ServerKind(NamedTuple):
    """What a kind of server needs to be talked to."""

    drivername: str
    module: str
    extra: str
    """The extra of the distribution that installs it."""
    word: str
    """What an address says that gives protection up."""
    protect: Callable[[URL], tuple[URL, dict[str, Any]]]
    """Return the address to connect to, and what the driver is told beside it."""
    is_verified: Callable[[URL], bool]
    """Whether nobody on the way can read or change what goes to this server."""


def parse_url(url: str) -> URL:
    """Return the parts of a URL, with the driver that we use.

    Raises SettingsError `incident.destination.unknown_database`, or `incident.flow_database.driver`.
    """
    try:
        parsed = make_url(url)
        kind = parsed.get_backend_name()
    except (SQLAlchemyError, ValueError):
        raise SettingsError("incident.destination.unknown_database") from None
    if kind == "sqlite":
        return parsed
    known = find_kind(parsed)
    if known is None:
        raise SettingsError("incident.destination.unknown_database")
    if find_spec(known.module) is None:
        raise SettingsError("incident.flow_database.driver", kind=kind, extra=known.extra)
    return parsed.set(drivername=known.drivername)


def find_kind(url: URL) -> ServerKind | None:
    """Return the kind of server of an address; None where it is no server that we know."""
    return _KINDS.get(url.get_backend_name())


def _protect_postgresql(url: URL) -> tuple[URL, dict[str, Any]]:
    # what the database cannot hold, the server says
    return url, {"client_encoding": "utf8"} | choose_tls(url.host, url.query)


def _protect_mysql(url: URL) -> tuple[URL, dict[str, Any]]:
    mode = _read_text(url, "ssl_mode").lower()
    files = {name: _read_text(url, f"ssl_{name}") or None for name in ("ca", "cert", "key")}
    plain = url.difference_update_query(["ssl_mode", "ssl_ca", "ssl_cert", "ssl_key"])
    if mode == "disabled":
        return plain, {"ssl_disabled": True}
    if not mode and not any(files.values()) and _is_near(url):
        return plain, {}
    if mode and mode not in _MODES:
        raise SettingsError("incident.destination.unknown_database")
    named, verified = _MODES[mode or "verify_identity"]
    try:
        context = ssl.create_default_context(cafile=files["ca"])
        if files["cert"]:
            context.load_cert_chain(files["cert"], files["key"])
    except (OSError, ValueError):
        raise SettingsError("incident.flow_database.certificate_file") from None
    # certificates that MySQL made for itself lack what Python 3.13 asks for since
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.check_hostname, context.verify_mode = named, verified
    return plain, {"ssl": context}


def _protect_sql_server(url: URL) -> tuple[URL, dict[str, Any]]:
    given = {name.lower() for name in url.query}
    wanted = {"driver": _ODBC_DRIVER}
    # said, and not left to the driver: one before the eighteenth does not encrypt by itself
    wanted |= {"Encrypt": "no"} if _is_near(url) else {"Encrypt": "yes", "TrustServerCertificate": "no"}
    added = {name: text for name, text in wanted.items() if name.lower() not in given}
    return url.update_query_dict(added), {}


def _protect_oracle(url: URL) -> tuple[URL, dict[str, Any]]:
    # One name for one thing: the driver's own would be «service_name», and what stands behind the slash a «SID».
    service = url.database or _read_text(url, "service_name")
    protocol = _read_text(url, "protocol").lower() or ("tcp" if _is_near(url) else "tcps")
    port = url.port or (1521 if protocol == "tcp" else 2484)
    rest = url.difference_update_query(["service_name", "protocol"]).set(database=None)
    return rest, {"dsn": f"{protocol}://{url.host or 'localhost'}:{port}/{service}"}


def _is_mysql_verified(url: URL) -> bool:
    return _read_text(url, "ssl_mode").lower() in ("", "verify_identity") or _is_near(url)


def _is_sql_server_verified(url: URL) -> bool:
    query = {name.lower(): str(text).lower() for name, text in url.query.items()}
    encrypts = query.get("encrypt", "yes") in ("yes", "mandatory", "strict", "true")
    return (encrypts and query.get("trustservercertificate", "no") in ("no", "false")) or _is_near(url)


def _is_oracle_verified(url: URL) -> bool:
    return _read_text(url, "protocol").lower() in ("", "tcps") or _is_near(url)


def _is_near(url: URL) -> bool:
    with suppress(ValueError):
        return is_here(url.host or "") or bool(url.query.get("unix_socket"))
    return False


def _read_text(url: URL, name: str) -> str:
    found = url.query.get(name, "")
    return found if isinstance(found, str) else found[-1]


_MYSQL = ServerKind("mysql+pymysql", "pymysql", "mysql", "«ssl_mode»", _protect_mysql, _is_mysql_verified)
_KINDS: Mapping[str, ServerKind] = MappingProxyType(
    {
        "postgresql": ServerKind(
            "postgresql+psycopg",
            "psycopg",
            "postgresql",
            "«sslmode»",
            _protect_postgresql,
            lambda url: is_postgresql_verified(url.host, url.query),
        ),
        "mysql": _MYSQL,
        "mariadb": _MYSQL,
        "mssql": ServerKind(
            "mssql+pyodbc",
            "pyodbc",
            "sqlserver",
            "«Encrypt», «TrustServerCertificate»",
            _protect_sql_server,
            _is_sql_server_verified,
        ),
        "oracle": ServerKind(
            "oracle+oracledb", "oracledb", "oracle", "«protocol»", _protect_oracle, _is_oracle_verified
        ),
    }
)
