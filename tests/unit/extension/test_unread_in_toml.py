"""What is left unread, and what a document must say it is, can be described without Python."""

from __future__ import annotations

import pytest

from passerelle.extension.toml_files import read_local

TEXT = """
id = "x"
title = "X"
[connector.x-all]
title = "X"
unread = {{ "../meta" = "pagination", "fax*" = "nobody faxes" }}
[connector.x-all.dialect]
{dialect}
[connector.x-all.table.p]
contract = "organisation/1"
[connector.x-all.table.p.fields]
ref = {{ kind = "ref", column = "id", entity = "organisation" }}
name = {{ kind = "text", column = "nom" }}
"""


@pytest.mark.parametrize(
    ("dialect", "kind"),
    [
        (
            'kind = "json"\nsays = { type = ["a", "b"], model = "m" }\ntypes = "kind"',
            {"type": ("a", "b"), "model": ("m",)},
        ),
        ('kind = "xml"\nrows = { "/E/R" = "" }\nsays = { "/E/@v" = "2" }\nnamespaces = ["urn:a"]', {"/E/@v": ("2",)}),
    ],
)
def test_a_description_says_what_is_unread_and_what_a_document_says(tmp_path, dialect, kind):
    file = tmp_path / "x.toml"
    file.write_text(TEXT.format(dialect=dialect), encoding="utf-8")
    (connector,) = read_local(file).connectors
    assert connector.unread == {"../meta": "pagination", "fax*": "nobody faxes"}
    assert {path: tuple(words) for path, words in connector.dialect.kind.items()} == kind
