"""A device with one passkey, in memory: it answers as WebAuthn says, or as a device that lies."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, MAY_BE_COPIED, IS_COPIED, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


def encode(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class SoftPasskey:
    """What a test changes, the next answer says."""

    origin: str
    name: str = "localhost"
    flags: int = PRESENT | VERIFIED
    count: int = 1
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    id: bytes = field(default_factory=lambda: token_bytes(32))
    handle: bytes = b""
    told: dict[str, Any] = field(default_factory=dict)
    """What else its browser says."""

    def make(self, options: dict[str, Any]) -> str:
        """Answer what `navigator.credentials.create` is asked."""
        self.handle = decode(options["user"]["id"])
        point = self.key.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})
        attested = bytes(16) + len(self.id).to_bytes(2) + self.id + public
        data = self.describe(ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self.describe_client("webauthn.create", options)
        return self.answer(clientDataJSON=client, attestationObject=attestation)

    def show(self, options: dict[str, Any]) -> str:
        """Answer what `navigator.credentials.get` is asked."""
        self.count += 1 if self.count else 0
        client, data = self.describe_client("webauthn.get", options), self.describe()
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ECDSA(SHA256()))
        return self.answer(clientDataJSON=client, authenticatorData=data, signature=signed, userHandle=self.handle)

    def describe(self, more: int = 0) -> bytes:
        return hashlib.sha256(self.name.encode()).digest() + bytes([self.flags | more]) + self.count.to_bytes(4)

    def describe_client(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said | self.told).encode()

    def answer(self, **parts: bytes) -> str:
        response = {name: encode(part) for name, part in parts.items()}
        told = {"id": encode(self.id), "rawId": encode(self.id), "type": "public-key", "response": response}
        return json.dumps(told | {"clientExtensionResults": {}})
