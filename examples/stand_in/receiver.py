"""The receiving system: takes records one by one or in lots, keeps its own rules, has accidents, never acts twice."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .exchange import CUT, Answer, Request, refusal
from .faults import Fault, Faults

if TYPE_CHECKING:
    from .effects import Effects

PREFIX = "/recepteur/"
OLD_PREFIX = "/ancien/"
EXPORT_PREFIX = "/_export/"
SYSTEM = "nouveau"
"""What opens the references of its own exports."""
_FATAL_SERVICE = "Garde de nuit"
"""What the older system never manages to answer to."""
_LONGEST_VISIT_HOURS = 10

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Receiver:
    """One receiving system, with its memory, its accidents and the token that lets callers in."""

    effects: Effects
    faults: Faults
    token: str
    latency: float = 0.0
    """Seconds that each effect takes."""

    def answer(self, request: Request) -> Answer:
        """Answer `POST /recepteur/<family>`."""
        if no := self._stranger(request):
            return no
        key = request.headers.get("idempotency-key", "")
        if not key:
            return refusal(400, "idempotency_key_missing")
        try:
            body = json.loads(request.body)
        except ValueError:
            return refusal(400, "body_not_json")
        family = request.path.removeprefix(PREFIX)
        if isinstance(body, dict) and isinstance(body.get("records"), list):
            return self._lot(family, body["records"])
        return self._one(family, key, body)

    def old(self, request: Request) -> Answer:
        """Answer `POST /ancien/<family>`: a system that knows no keys, and hangs up on some records."""
        if no := self._stranger(request):
            return no
        record = json.loads(request.body)
        if _object(record.get("service")).get("original") == _FATAL_SERVICE:
            return Answer(CUT)
        return Answer(201, {"id": hashlib.sha256(request.body).hexdigest()[:12]})

    def _stranger(self, request: Request) -> Answer | None:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self.token}".encode()):
            return refusal(401, "token_invalid")
        if request.method != "POST":
            return refusal(405, "method_not_allowed", {"Allow": "POST"})
        return None

    def _one(self, family: str, key: str, record: Any) -> Answer:
        if not isinstance(record, dict) or not isinstance(record.get("ref"), str):
            return refusal(422, "ref_required")
        fault = self.faults.draw(f"{family}/{record['ref']}")
        if fault is Fault.BEFORE:
            return refusal(500, "accident")
        text = json.dumps(record, ensure_ascii=False, sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()
        earlier = self.effects.begin(family, key, digest, text)
        if earlier is None:
            time.sleep(self.latency)
            earlier = _act(family, key, record)
            self.effects.finish(family, key, earlier)
        return _mishap(fault, earlier)

    def _lot(self, family: str, members: list[Any]) -> Answer:
        """Take `[{"idempotency_key": …, "record": …}, …]`: each record under its own key, as if it came alone."""
        if not all(isinstance(member, dict) and member.get("idempotency_key") for member in members):
            return refusal(400, "idempotency_key_missing")
        answers = [self._one(family, member["idempotency_key"], member.get("record")) for member in members]
        if any(answer.status == CUT for answer in answers):
            return Answer(CUT)
        results = [{"status": answer.status, **_object(answer.body)} for answer in answers]
        return Answer(207, {"results": results})

    def show(self, _request: Request) -> Answer:
        """Answer `GET /_effects`: everything that was done or refused, for whoever checks."""
        return Answer(200, {"effects": [asdict(effect) for effect in self.effects.all()]})

    def export(self, request: Request) -> Answer:
        """Answer `GET /_export/<family>`: the records it holds, in contract form, under the ids that it gave them."""
        family = request.path.removeprefix(EXPORT_PREFIX)
        entity = family.removesuffix("s")
        records = [
            {name: value for name, value in body.items() if name != "source"} | {"ref": f"{SYSTEM}:{entity}:{own}"}
            for own, body in sorted(self.effects.held(family), key=lambda held: held[0])
        ]
        return Answer(200, {"records": records})


def _act(family: str, key: str, record: Record) -> Answer:
    code = _RULES.get(family, _anything)(record)
    if code:
        return refusal(422, code)
    return Answer(201, {"id": f"{family}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"})


def _mishap(fault: Fault, answer: Answer) -> Answer:
    if fault is Fault.AFTER:
        return refusal(500, "accident")
    if fault is Fault.CUT:
        return Answer(CUT)
    return answer


def _object(body: object) -> dict[str, object]:
    return dict(body) if isinstance(body, Mapping) else {}


def _anything(_record: Record) -> str:
    return ""


def _visit(record: Record) -> str:
    start, end = record.get("planned_start"), record.get("planned_end")
    if not (isinstance(start, str) and isinstance(end, str)):
        return ""
    hours = (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() / 3600
    return "visit_too_long" if hours > _LONGEST_VISIT_HOURS else ""


def _person(record: Record) -> str:
    return "" if record.get("birth_date") else "birth_date_required"


_RULES: Mapping[str, Callable[[Record], str]] = {"visits": _visit, "persons": _person}
"""What this system refuses, by family: the code of the refusal, or nothing."""
