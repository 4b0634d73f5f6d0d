"""A message posted to an address: as our own JSON, or as Teams and Mattermost expect it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from passerelle.edges.http.client import HttpClient
from passerelle.edges.http.policy import Policy
from passerelle.vocabulary.errors import PasserelleError, TransientError

if TYPE_CHECKING:
    from passerelle.edges.channels.note import ShortText
    from passerelle.vocabulary.ports import Clock

_SECONDS = 20.0
_ANSWER = 64 * 1024
"""Most bytes of an answer that are read: nobody looks at them."""


def post_text(note: ShortText, url: str, form: str, clock: Clock, *, allow_private: bool) -> None:
    """Post one message, under the address rules of the house. Raises TransientError `incident.channel.failed`.

    The address holds a secret in most products: no error repeats it.
    """
    policy = Policy(allowed_private=allow_private, deadline=_SECONDS, max_bytes=_ANSWER, attempts=2)
    try:
        parts = urlsplit(url)
        base, path = f"{parts.scheme}://{parts.netloc}", parts.path + (f"?{parts.query}" if parts.query else "")
        client = HttpClient(base, policy=policy, clock=clock)
        try:
            body = json.dumps(make_content(note, form), ensure_ascii=False).encode()
            # the same id when it is sent again: who can tell a repetition by it takes it once
            reply = client.post(path, body, {"idempotency-key": note.id})
        finally:
            client.close()
    except (PasserelleError, ValueError) as error:
        cause = error.code if isinstance(error, PasserelleError) else "URL"
        raise TransientError("incident.channel.failed", channel="webhook", cause=cause) from None
    if reply.status >= 300:
        raise TransientError("incident.channel.failed", channel="webhook", cause=str(reply.status))


def make_content(note: ShortText, form: str) -> dict[str, Any]:
    """Return the JSON document of a form: `json`, `teams` (an adaptive card), `mattermost`."""
    if form == "mattermost":
        # a code block: what stands in it is shown as it is, and mentions nobody
        return {"username": "Passerelle", "text": f"**{note.subject}**\n```\n{note.body.replace('```', '` ` `')}\n```"}
    if form == "teams":
        blocks = [
            {"type": "TextBlock", "text": note.subject, "weight": "Bolder", "wrap": True},
            *({"type": "TextBlock", "text": line, "wrap": True} for line in note.body.splitlines() if line.strip()),
        ]
        schema = "http://adaptivecards.io/schemas/adaptive-card.json"
        card = {"$schema": schema, "type": "AdaptiveCard", "version": "1.4", "body": blocks}
        attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
        return {"type": "message", "attachments": [attachment]}
    return {
        "schema": "passerelle.alert/1",
        "id": note.id,
        "moment": note.moment.isoformat(),
        "subject": note.subject,
        "text": note.body,
    }
