"""A provider of identities on this machine: OpenID Connect by the book, keys made at run time; it lies if asked."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLIENT, SECRET = "passerelle", "un secret d'essai/+"


@dataclass
class TestProvider:
    """What it says, and what it was asked. Whatever a test changes, the next answer says."""

    __test__ = False
    url: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}))
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "personne-1"})
    document: dict[str, Any] = field(default_factory=dict)
    keys: list[dict[str, Any]] | None = None
    """In place of its public key."""
    sign: Callable[[dict[str, Any]], str] | None = None
    """In place of its signature."""
    waits: bool = False
    """Whether its page waits for the person, as those of people do."""
    fails: str = ""
    """`down` (every answer is a fault), or `denies` (the person says no)."""
    asked: list[dict[str, str]] = field(default_factory=list)
    """Queries of its first page."""
    exchanged: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def describe(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/connexion",
            "token_endpoint": f"{self.url}/jeton",
            "jwks_uri": f"{self.url}/cles",
            "end_session_endpoint": f"{self.url}/sortie",
            "code_challenge_methods_supported": ["S256"],
        } | self.document

    def make_code(self, query: dict[str, str]) -> str:
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return code

    def make_token(self, query: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": query["nonce"],
        } | self.claims
        if self.sign is not None:
            return self.sign(claims)
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        self.exchanged.append(form)
        given = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        name, _colon, secret = given.partition(":")
        if dict(parse_qsl(f"n={name}&s={secret}")) != {"n": CLIENT, "s": SECRET}:
            return 401, {"error": "invalid_client"}
        query = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if query is None or query["code_challenge"] != challenge or query["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": self.make_token(query)}


class _Handler(BaseHTTPRequestHandler):
    provider: TestProvider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.provider.paths.append(parts.path)
        if self.provider.fails == "down":
            self.answer(503, b"")
        elif parts.path.endswith("openid-configuration"):
            self.answer_json(200, self.provider.describe())
        elif parts.path == "/cles":
            own = [self.provider.key.as_dict(private=False)]
            self.answer_json(200, {"keys": own if self.provider.keys is None else self.provider.keys})
        elif parts.path == "/connexion":
            self.ask({name: values[0] for name, values in parse_qs(parts.query).items()})
        else:
            self.answer(200, b"<!doctype html><title>x</title><h1>Sortie</h1>", kind="text/html")

    def ask(self, query: dict[str, str]) -> None:
        self.provider.asked.append(query)
        is_denied = self.provider.fails == "denies"
        told = {"error": "access_denied"} if is_denied else {"code": self.provider.make_code(query)}
        back = f"{query['redirect_uri']}?{urlencode(told | {'state': query['state']})}"
        if self.provider.waits:
            page = f'<!doctype html><html lang="fr"><title>x</title><h1>Qui va là</h1><a href="{escape(back)}">Moi</a>'
            self.answer(200, page.encode(), kind="text/html; charset=utf-8")
        else:
            self.answer(303, b"", location=back)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.provider.paths.append(self.path)
        if self.provider.fails == "down":
            self.answer(503, b"")
            return
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self.answer_json(*self.provider.exchange(form, self.headers.get("authorization", "")))

    def answer_json(self, status: int, told: dict[str, Any]) -> None:
        self.answer(status, json.dumps(told).encode())

    def answer(self, status: int, body: bytes, *, kind: str = "application/json", location: str = "") -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        if location:
            self.send_header("location", location)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        pass


@contextmanager
def open_provider() -> Iterator[TestProvider]:
    """Serve a provider until the context ends, under a name of this machine: another site than the bench."""
    provider = TestProvider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"provider": provider}))
    provider.url = f"http://localhost:{server.server_address[1]}"
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    serving.start()
    try:
        yield provider
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def describe_web(provider: TestProvider, extra: str = "") -> str:
    """Return what stands in the table `web` of a bench that knows the provider."""
    return f"""sign_in = "accounts"
[web.oidc]
issuer = "{provider.url}"
client_id = "{CLIENT}"
client_secret = "env:SECRET_OIDC"
title = "Identité d'essai"
{extra}"""
