"""A store on this machine that speaks S3 over TLS (moto), behind a guard that verifies each signature by itself."""

from __future__ import annotations

import hashlib
import hmac
import io
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote

from moto.backends import get_backend
from moto.server import DomainDispatcherApplication, create_backend_app
from tls_servers import serve_wsgi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ACCESS, SECRET, REGION, BUCKET = "AKIAESSAI", "secret/épreuve+", "fr-par", "depot"


def _hash(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def compute_signature(environ: dict[str, Any], body: bytes, secret: str) -> str:
    """Compute a signature from what arrived, as «Authenticating Requests: AWS Signature Version 4» says."""
    parts = dict(part.strip().split("=", 1) for part in environ["HTTP_AUTHORIZATION"].split(" ", 1)[1].split(","))
    _access, day, region, service, _end = parts["Credential"].split("/")
    query = sorted(parse_qsl(environ["QUERY_STRING"], keep_blank_values=True))
    asked = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in query)
    names = parts["SignedHeaders"].split(";")
    sent = {"content-type": environ.get("CONTENT_TYPE", "")}
    sent |= {name[5:].lower().replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")}
    headers = "".join(f"{name}:{' '.join(sent[name].split())}\n" for name in names)
    digest = environ["HTTP_X_AMZ_CONTENT_SHA256"]
    assert digest == hashlib.sha256(body).hexdigest()
    path = environ["REQUEST_URI"].split("?")[0]
    request = "\n".join([environ["REQUEST_METHOD"], path, asked, headers, parts["SignedHeaders"], digest])
    scope = f"{day}/{region}/{service}/aws4_request"
    said = hashlib.sha256(request.encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", environ["HTTP_X_AMZ_DATE"], scope, said])
    key = _hash(_hash(_hash(_hash(f"AWS4{secret}".encode(), day), region), service), "aws4_request")
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _refuse(code: str) -> bytes:
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>non</Message></Error>".encode()


@dataclass
class S3Store:
    """A store: where it listens, what it was asked, and what it answers instead of what it would."""

    port: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    instead: Callable[[dict[str, Any]], tuple[str, str] | None] = lambda _environ: None
    """Returns status and code of an answer that is given instead, for a request; None: the true answer."""
    spoil: Callable[[dict[str, Any], bytes], bytes | None] = lambda _environ, content: content
    """Returns what is made of the body of a true answer: a beginning of it is cut off there; None: no byte comes."""
    forgets: tuple[str, ...] = ()
    """Headers of requests that the store does not know, as they are named in an environment of WSGI."""

    @property
    def backend(self) -> Any:
        return get_backend("s3")["123456789012"]["aws"]

    def keep(self, key: str, content: bytes, moment: float) -> None:
        self.backend.put_object(BUCKET, key, content).last_modified = datetime.fromtimestamp(moment, UTC).replace(
            tzinfo=None
        )

    def remove(self, key: str) -> None:
        self.backend.delete_object(BUCKET, key)

    def read(self, prefix: str) -> dict[str, bytes]:
        names = {key: key.removeprefix(prefix) for key in self.backend.buckets[BUCKET].keys if key.startswith(prefix)}
        return {name: self.backend.get_object(BUCKET, key).value for key, name in names.items() if "/" not in name}

    def count_uploads(self, prefix: str = "") -> int:
        begun = self.backend.buckets[BUCKET].multiparts.values()
        return sum(upload.key_name.startswith(prefix) for upload in begun)


def _answer_spoilt(store: S3Store, application: Any, environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
    """Do what is asked; what is left of the answer comes with the length of the whole, and then the line is cut."""
    begun: list[Any] = []
    content = b"".join(application(environ, lambda *start: begun.append(start)))
    left = store.spoil(environ, content)
    status, headers = begun[0][:2]
    if left == content:
        start_response(status, headers)
        return iter([content])
    is_cut = left is None or content.startswith(left)
    sent = left or content[:1] or b"<"
    length = max(len(content), len(sent) + 1) if is_cut else len(sent)
    start_response(
        status,
        [*((key, text) for key, text in headers if key.lower() != "content-length"), ("Content-Length", str(length))],
    )

    def send() -> Iterator[bytes]:
        yield sent
        if is_cut:
            raise ConnectionResetError

    return send()


@contextmanager
def serve_s3(certificate: tuple[Path, Path], port: int = 0) -> Iterator[S3Store]:
    """Serve a bucket over TLS to one account; what it holds stays until the process ends."""
    store = S3Store()
    if BUCKET not in store.backend.buckets:
        store.backend.create_bucket(BUCKET, REGION)
    application = DomainDispatcherApplication(create_backend_app)

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        store.asked.append((environ["REQUEST_METHOD"], environ["QUERY_STRING"]))
        body = environ["wsgi.input"].read()
        code, status = "", "403 Forbidden"
        if told := store.instead(environ):
            status, code = told
        elif f"Credential={ACCESS}/" not in environ.get("HTTP_AUTHORIZATION", ""):
            code = "InvalidAccessKeyId"
        elif f"Signature={compute_signature(environ, body, SECRET)}" not in environ["HTTP_AUTHORIZATION"]:
            code = "SignatureDoesNotMatch"
        if told or code:
            content = b"" if environ["REQUEST_METHOD"] == "HEAD" else _refuse(code)
            start_response(status, [("Content-Length", str(len(content)))])
            return [content]
        environ["wsgi.input"] = io.BytesIO(body)
        environ["RAW_URI"] = environ["REQUEST_URI"]
        for name in store.forgets:
            environ.pop(name, None)
        return _answer_spoilt(store, application, environ, start_response)

    with serve_wsgi(answer, certificate, port) as store.port:
        yield store
