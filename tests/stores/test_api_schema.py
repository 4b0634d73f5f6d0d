"""Tables of the API: in clear there are digests, counts, moments and words of our own, and no name."""

from __future__ import annotations

from sqlalchemy import Text

from passerelle.stores.api_schema import api_token, handing, person_reading
from passerelle.stores.foreign_words import WordType


def test_texts_in_clear_are_words_of_our_own():
    columns = [column for table in (api_token, person_reading, handing) for column in table.c]
    clear = {str(column) for column in columns if isinstance(column.type, Text)}
    assert clear == {
        "api_token.contracts",
        "api_token.purposes",
        "api_token.recipient",
        "person_reading.contract",
        "person_reading.purpose",
        "handing.receipt",
        "handing.flow",
        "handing.parcel",
        "handing.contract",
    }
    sealed = {str(column) for column in columns if isinstance(column.type, WordType)}
    assert sealed == {"api_token.client", "api_token.who", "api_token.why"}
