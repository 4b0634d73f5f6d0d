"""A proposal becomes a draft that is decided word by word, read as a file would be, and tried on a file."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples
from workbench_room import PLUGINS, SETTINGS, settle_in

from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workshop import description_drafting as drafting
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.extension.code_tables import read_code_table
from passerelle.extension.inferring.proposal import MARK
from passerelle.extension.inferring.proposing import infer
from passerelle.stores.description_drafts import DescriptionContent
from passerelle.vocabulary.composition import compose
from passerelle.vocabulary.errors import SettingsError, UsageError

WORDS = ["Téléphone", "Zorg", "Téléphone"]
EXPORT = "Id;Personne;Survenu le;Canal;Motif\n" + "".join(
    f"C{nth};P{nth};{1 + nth % 28:02}/10/2026;{WORDS[nth % 3]};Zeb\n" for nth in range(30)
)
TABLE = "codes/agenda/channel.csv"


@pytest.fixture
def workspace(tmp_path):
    with open_workspace(load_settings(settle_in(tmp_path, SETTINGS)), plugins=PLUGINS) as opened:
        yield opened


def begin(workspace, name: str = "Agenda", export: str = EXPORT):
    proposal = infer(BytesIO(export.encode()), contract="interaction/1", name="export")
    return drafting.find_draft(workspace, drafting.begin_draft(workspace, proposal, name, who="marie"))[0]


def reload(workspace, draft):
    return drafting.find_draft(workspace, draft.id)[0]


def fail(act) -> str:
    with pytest.raises((UsageError, SettingsError)) as caught:
        act()
    return caught.value.code


def test_a_draft_holds_words_that_came_twice_and_no_other_cell(workspace):
    once = begin(workspace, export=EXPORT + "C99;P99;01/10/2026;Zzyx;Zeb\n")
    assert once.content.tables[TABLE] == {"Téléphone": "phone", "Zorg": ""}
    held = str(once.content)
    assert "Zzyx" not in held
    assert "P99" not in held + once.content.text
    assert (once.version, once.who, once.content.name) == (1, "marie", "agenda")
    assert fail(lambda: begin(workspace, name="7")) == "usage.plugin.unnameable"


def test_words_that_nobody_could_guess_have_a_table_to_fill(workspace):
    draft = begin(workspace, export=EXPORT.replace("Téléphone", "Zeb"))
    assert draft.content.tables == {TABLE: {"Zeb": "", "Zorg": ""}}
    assert f'table = "{TABLE}", system = "channels"' in draft.content.text
    assert drafting.read_description(draft.content).id == "agenda"


def test_codes_are_those_of_the_list_and_reach_the_records(workspace):
    draft = begin(workspace)
    decide = lambda code, before: drafting.decide_codes(  # noqa: E731  said once
        workspace, draft, TABLE, {"Zorg": code, "autre": "x"}, before=before, who="ali"
    )
    assert fail(lambda: decide("zzz", 1)) == "usage.description.code"
    decide("email", 1)
    assert fail(lambda: decide("email", 1)) == "usage.description.overtaken"
    kept, before = drafting.find_draft(workspace, draft.id)
    assert kept.content.tables[TABLE] == {"Téléphone": "phone", "Zorg": "email"}
    assert before.content == draft.content
    assert fail(lambda: drafting.decide_codes(workspace, kept, TABLE, {}, before=2, who="ali")) == (
        "usage.correction.nothing"
    )
    report = drafting.try_draft(workspace, kept.content, EXPORT.encode(), "export.csv")
    assert report.balance.received == 30
    assert "Zorg" not in str(report)


def test_a_question_that_is_answered_leaves_and_the_others_stay(workspace):
    draft = begin(workspace)
    asked = drafting.list_questions(draft.content.text)
    assert len(asked) >= 2
    assert "ref" in {one.about for one in asked}
    drafting.settle_questions(workspace, draft, [asked[0].line, 1, 99_999], before=1, who="ali")
    left = drafting.list_questions(reload(workspace, draft).content.text)
    assert [one.question for one in left] == [one.question for one in asked[1:]]
    assert fail(lambda: drafting.settle_questions(workspace, draft, [1], before=2, who="ali")) == (
        "usage.correction.nothing"
    )


def test_a_text_is_kept_as_it_is_written_and_told_where_it_is_wrong(workspace):
    draft = begin(workspace)
    keep = lambda text: drafting.rewrite_text(workspace, draft, text, before=1, who="ali")  # noqa: E731  said once
    assert fail(lambda: keep("x" * 60_001)) == "usage.description.long"
    assert fail(lambda: keep("id = \x00")) == "usage.description.long"
    keep('id = "autre"\r\nloin = 1  \r\n')
    wrong = reload(workspace, draft).content
    assert wrong.text == 'id = "autre"\nloin = 1\n'
    with pytest.raises(SettingsError) as caught:
        drafting.read_description(wrong)
    assert caught.value.problems
    named = DescriptionContent("agenda", draft.content.text.replace("agenda/channel", "ailleurs"), draft.content.tables)
    assert fail(lambda: drafting.read_description(named)).startswith("settings.")
    assert fail(lambda: drafting.find_draft(workspace, 99)) == "usage.description.gone"


WORD = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cf", "Zl", "Zp")), min_size=1, max_size=12)


@settings(max_examples=count_examples(60))
@given(st.dictionaries(WORD.map(str.strip).filter(bool), st.sampled_from(["", "phone", "email"]), max_size=6))
def test_a_table_is_read_again_as_it_was_decided(words):
    class Held:
        name = "channel.csv"

        def read_bytes(self):
            return drafting.write_table(words).encode()

    decided = {compose(word): code for word, code in words.items() if code}
    if len(decided) == sum(map(bool, words.values())):
        assert read_code_table(Held()) == decided


def test_what_is_undecided_is_counted_in_words_and_questions():
    content = DescriptionContent("a", f"# {MARK} : un ?\nref = 1\n# {MARK} : deux ?\n", {"t": {"a": "", "b": "x"}})
    assert drafting.count_undecided(content) == 3
    assert [(one.line, one.question, one.about) for one in drafting.list_questions(content.text)] == [
        (1, "un ?", "ref"),
        (3, "deux ?", ""),
    ]
