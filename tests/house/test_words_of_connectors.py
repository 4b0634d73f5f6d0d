"""What our connectors say of themselves is read by people in France: why a column is left unread, in French."""

from __future__ import annotations

import re

from passerelle.extension.loading import load_plugins

ENGLISH = re.compile(r"\b(the|is|are|of|by|and|not|which|whose|told|said|with|from)\b")


def _iter_reasons():
    for _supplier, connector, _plugin in load_plugins().connectors.values():
        yield from ((connector.id, reason) for reason in connector.unread.values())
        for table in connector.tables:
            yield from ((connector.id, reason) for reason in table.waived.values())


def test_why_something_is_left_unread_is_said_in_french():
    reasons = list(_iter_reasons())
    assert len(reasons) > 100
    assert sorted({f"{name}: {reason}" for name, reason in reasons if ENGLISH.search(reason)}) == []
