"""What the settings of a flow say of doubts, read."""

from __future__ import annotations

from passerelle.engine.settings.flow_settings import make_doubt_rules


def test_strict_identifiers_is_the_older_way_to_make_two_doubts_strict():
    older = make_doubt_rules({}, strict_identifiers=True)
    assert older.strict == {"validate.identifier.wrong_key", "validate.identifier.malformed"}
    newer = make_doubt_rules({"validate.nir.shared": {"silent": "why"}}, strict_identifiers=False)
    assert (newer.strict, dict(newer.silent)) == (frozenset(), {"validate.nir.shared": "why"})
