"""Items of a list field, shared between converters: each goes to the one that reads it back, none is lost unsaid."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.translate import Code, Constant, Date, Identifier, PerRecord, Telecom
from passerelle.stages.translate.sharing import list_converters, share, survives_round_trip

NIR, CAF = Identifier("nir", system="nir"), Identifier("caf", system="caf", use="main")


def item(system, value, use=None):
    return {"system": system, "value": value, "use": use}


def test_each_item_goes_to_the_converter_of_its_system_whatever_their_order():
    shares, left = share((NIR, CAF), [item("caf", "12", "main"), item("nir", "250")])
    assert [value for _converter, value in shares] == [item("nir", "250"), item("caf", "12", "main")]
    assert left == []


def test_the_equal_item_has_its_place_before_a_similar_one_that_comes_first():
    shares, left = share((CAF,), [item("caf", "12", "old"), item("caf", "34", "main")])
    assert [value for _converter, value in shares] == [item("caf", "34", "main")]
    assert left == [item("caf", "12", "old")]


def test_an_item_that_differs_only_in_what_systems_say_in_passing_has_a_place():
    assert share((CAF,), [item("caf", "12", "other use")])[1] == []
    assert share((CAF,), [item("siret", "12", "main")])[1] == [item("siret", "12", "main")]


def test_a_cell_of_several_takes_several_and_a_cell_of_one_takes_one():
    phones = [{"kind": "phone", "value": f"+3361234567{nth}", "use": None} for nth in range(3)]
    assert share((Telecom("tel"),), phones) == ([(Telecom("tel"), phones)], [])
    assert share((NIR,), [item("nir", "1"), item("nir", "2")])[1] == [item("nir", "2")]


def test_what_is_no_list_goes_whole_to_its_converter_and_a_list_to_plain_python():
    assert share((Date("a"),), "2024-12-31") == ([(Date("a"), "2024-12-31")], [])
    plain = PerRecord("a", parse=lambda _row: None)
    assert share((plain,), [1, 2]) == ([(plain, [1, 2])], [])
    assert list_converters(NIR) == (NIR,)
    assert list_converters([NIR, CAF]) == (NIR, CAF)


def test_a_value_survives_when_it_says_the_same_after_the_journey():
    code = Code("a", table={"Ménage": "M"}, system="s")
    assert survives_round_trip(code, {"code": "M", "system": "s", "label": None, "original": "Nettoyage"})
    assert not survives_round_trip(code, {"code": "Z", "system": "s", "label": None, "original": "Zut"})
    assert not survives_round_trip(Constant("x"), "y")


@given(st.lists(st.builds(item, st.sampled_from(["nir", "caf", "ins"]), st.sampled_from("123")), max_size=6))
def test_every_item_is_either_written_or_left(items):
    shares, left = share((NIR, CAF), items)
    written = [value for _converter, value in shares if value is not None]
    assert sorted(map(str, [*written, *left])) == sorted(map(str, items))


def test_each_item_has_a_column_of_its_own_as_long_as_there_is_one():
    places = (Telecom("Tél 1"), Telecom("Tél 2"), Telecom("Courriel", kind="email"))
    numbers = [{"kind": "phone", "value": f"+3363998000{n}", "use": None} for n in range(3)]
    mail = {"kind": "email", "value": "a@example.org", "use": None}
    shares, left = share(places, [numbers[0], mail, numbers[1]])
    assert [value for _converter, value in shares] == [numbers[0], numbers[1], mail]
    shares, left = share(places, numbers)
    assert [value for _converter, value in shares] == [[numbers[0], numbers[2]], numbers[1], None]
    assert left == []
