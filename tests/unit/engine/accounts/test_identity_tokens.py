"""A token proves somebody for the right place, question and moment, signed in the way that the settings name."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey
from journeying import count_examples

from passerelle.engine.accounts.identity_tokens import has_unknown_key, prove_token
from passerelle.engine.adapters.identity_issuer import SKEW
from passerelle.engine.settings.oidc_settings import OidcSettings
from passerelle.vocabulary.errors import UsageError

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STAMP = int(NOW.timestamp())
KEY = RSAKey.generate_key(2048, {"kid": "k1"})
CURVE = ECKey.generate_key("P-256", {"kid": "k2"})
KEYS = [KEY.as_dict(private=False), CURVE.as_dict(private=False)]
TERMS = OidcSettings(issuer="https://i.fr", client_id="p", title="I", algorithms=("RS256", "ES256"))
CLAIMS = {"iss": "https://i.fr", "aud": "p", "sub": "s", "nonce": "n", "iat": STAMP, "exp": STAMP + 60}


def sign(claims: object, key=KEY, algorithm: str = "RS256", **header: object) -> str:
    content = json.dumps(claims).encode()
    return jws.serialize_compact({"alg": algorithm, "kid": key.kid} | header, content, key, [algorithm])


def find_defect(token: str) -> str:
    with pytest.raises(UsageError) as caught:
        prove_token(token, KEYS, TERMS, "n", NOW)
    return caught.value.words.get("defect", caught.value.code)


def test_a_token_is_taken_by_each_way_that_the_settings_name():
    assert prove_token(sign(CLAIMS), KEYS, TERMS, "n", NOW)["sub"] == "s"
    assert prove_token(sign(CLAIMS, CURVE, "ES256"), KEYS, TERMS, "n", NOW)["sub"] == "s"
    # without a name each key of the kind is tried
    unnamed = jws.serialize_compact({"alg": "RS256"}, json.dumps(CLAIMS).encode(), KEY)
    assert prove_token(unnamed, KEYS, TERMS, "n", NOW)["sub"] == "s"
    assert not has_unknown_key(sign(CLAIMS), KEYS)
    assert has_unknown_key(sign(CLAIMS, kid="k9"), KEYS)


def test_clocks_may_differ_by_a_minute_and_no_more():
    early, late = {"iat": STAMP + SKEW, "nbf": STAMP + SKEW}, {"exp": STAMP - SKEW + 1}
    assert prove_token(sign(CLAIMS | early), KEYS, TERMS, "n", NOW)
    assert prove_token(sign(CLAIMS | late), KEYS, TERMS, "n", NOW)
    assert find_defect(sign(CLAIMS | {"iat": STAMP + SKEW + 1})) == "iat"
    assert find_defect(sign(CLAIMS | {"exp": STAMP - SKEW})) == "exp"
    assert find_defect(sign(CLAIMS | {"iat": STAMP - 700})) == "iat"


def test_a_token_that_was_changed_proves_nothing():
    head, payload, signature = sign(CLAIMS).split(".")
    other = sign(CLAIMS | {"sub": "autre"}).split(".")[1]
    assert find_defect(f"{head}.{other}.{signature}") == "signature"
    assert find_defect(f"{head}.{payload}.") == "signature"
    assert find_defect(f"{head}.{payload}.{signature}é") == "jwt"
    assert find_defect(sign([CLAIMS])) == "signature"
    assert find_defect(sign(CLAIMS | {"nonce": "\ud800"})) == "nonce"
    assert find_defect(sign(CLAIMS | {"exp": 10**400})) == "exp"


@settings(max_examples=count_examples(60), deadline=None)
@given(
    name=st.sampled_from(sorted(CLAIMS)),
    value=st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.text(max_size=5)
    | st.lists(st.text(max_size=3)),
)
def test_one_claim_that_is_another_proves_nothing(name, value):
    if value == CLAIMS[name] or (name == "sub" and isinstance(value, str) and value.isprintable() and value):
        return
    if name == "iat" and isinstance(value, int) and not isinstance(value, bool) and abs(value - STAMP) <= 660:
        return
    assert find_defect(sign(CLAIMS | {name: value})) in {"aud", "azp", "exp", "iat", "iss", "nbf", "nonce", "sub"}
