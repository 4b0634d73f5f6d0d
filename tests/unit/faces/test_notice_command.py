"""`passerelle notice`: two pages a flow, and how much is left to complete."""

from __future__ import annotations


def test_two_pages_a_flow_are_written_and_empty_places_counted(program, folder):
    made = program("notice", "--output", "notices", "--format", "json")
    assert made.code == 0
    told = {(one["flow"], one["for"]): one for one in made.json["notices"]}
    assert set(told) == {("visites", "personnes"), ("visites", "professionnels")}
    assert "to be completed" in made.err
    for one in told.values():
        assert (folder / "notices" / one["file"]).read_text("utf-8").startswith("<!doctype html>")
        assert one["to_complete"] > 0
    assert "notice-personnes-visites.html" in program("notice", "visites").out


def test_an_unknown_flow_is_an_error_and_settings_without_flows_say_so(program, folder):
    assert program("notice", "nowhere").code == 64
    assert list(folder.glob("notice-*")) == []
    (folder / "passerelle.toml").write_text("", "utf-8")
    assert "nothing to tell anybody" in program("notice").out
