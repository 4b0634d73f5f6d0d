"""Signs requests to S3-compatible stores (AWS Signature Version 4).

The signature is botocore's, which the makers of S3 keep; everything else is our own session. A client with a network of
its own (boto3, obstore) would look up names and connect by itself: no address could be refused, no wait bounded, and
it would take credentials and proxies from the environment.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

_SIGNED = ("content-type", "range", "if-match", "if-none-match")


@dataclass(frozen=True, slots=True)
class S3Signer:
    """Signs with one key, for one region."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    region: str

    def sign(self, method: str, url: httpx.URL, headers: Mapping[str, str], body: bytes | None) -> Mapping[str, str]:
        """Return all headers. The signature covers method, address, content and what changes their meaning."""
        covered = {name: value for name, value in headers.items() if name in _SIGNED or name.startswith("x-amz-")}
        request = AWSRequest(method=method, url=str(url), headers=covered, data=body or b"")
        S3SigV4Auth(Credentials(self.access_key, self.secret_key), "s3", self.region).add_auth(request)
        return {**headers, **{name.lower(): value for name, value in request.headers.items()}}
