"""JSON in which an object is sometimes null: its members are columns, it is none itself."""

from passerelle.stages.decode.dialects import Json

LIST = Json(lists={"items": "items"})


def test_an_object_that_is_null_in_one_record_adds_no_column(outcome):
    decoded = outcome(b'{"items": [{"id": 1, "who": {"name": "a"}}, {"id": 2, "who": null}]}', LIST)
    assert decoded.columns == ["id", "who.name"]
    assert decoded.rows == [("1", "a"), ("2", "")]


def test_a_value_that_is_null_everywhere_is_still_a_column(outcome):
    decoded = outcome(b'{"items": [{"id": 1, "who": null}, {"id": 2, "who": null}]}', LIST)
    assert decoded.columns == ["id", "who"]


def test_a_scalar_where_others_have_an_object_is_kept(outcome):
    decoded = outcome(
        b'{"items": [{"id": 1, "who": {"name": "a"}}, {"id": 2, "who": "b"}, {"id": 3, "who": null}]}', LIST
    )
    assert decoded.columns == ["id", "who.name", "who"]
    assert decoded.rows == [("1", "a", None), ("2", None, "b"), ("3", "", None)]
