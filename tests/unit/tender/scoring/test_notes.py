"""Notes, gates, decisions and answers."""

from __future__ import annotations

import pytest

from passerelle.tender import grid
from passerelle.tender.requirement import Level, Measure
from passerelle.tender.scoring import deciding, noting
from passerelle.tender.scoring.scorecard import BidReply, BidResponse, BidVerdict, RequirementResult, ScoreNote
from passerelle.vocabulary.errors import UsageError

from .conftest import consultation, requirement

ANSWERED = requirement(9, Measure.ANSWER, level=Level.I, weight=3, chapter="security", domain="operation")


def _result(weight: float, verdict: BidVerdict, share: float | None) -> RequirementResult:
    empty = dict.fromkeys(
        ("id", "chapter", "contract", "field", "title", "statement", "unit", "why", "gap", "remedy"), ""
    )
    return RequirementResult(
        **empty,
        level=Level.P,
        domain="hours",
        measure=Measure.FORM,
        weight=weight,
        verdict=verdict,
        satisfaction=share,
        checked=0,
        held=0,
        reach=None,
        causes=(),
        reply=None,
        cost=0.0,
    )


def test_the_note_is_an_interval_between_what_is_proved_and_what_could_be():
    """Weights that sum to 120: 96 proved at 94.1, 12 in part at 7.3, 6 failed, 6 not evaluated."""
    results = [
        _result(96, BidVerdict.MET, 94.1 / 96),
        _result(12, BidVerdict.RESERVED, 7.3 / 12),
        _result(6, BidVerdict.FAILED, 0.0),
        _result(6, BidVerdict.UNSEEN, None),
    ]
    assert noting.compute_note(results) == ScoreNote(84.5, 89.5, 120)


def test_waived_and_void_requirements_leave_the_note():
    results = [_result(5, BidVerdict.MET, 1.0), _result(5, BidVerdict.WAIVED, 0.0), _result(5, BidVerdict.VOID, None)]
    assert noting.compute_note(results) == ScoreNote(100.0, 100.0, 5)


def test_where_nothing_counts_everything_remains_to_be_shown():
    assert noting.compute_note([_result(5, BidVerdict.VOID, None)]) == ScoreNote(0.0, 100.0, 0)


def test_the_gate_counts_primordial_requirements_and_says_nothing_else(sample, scored):
    asked = [
        requirement(1, Measure.FORM, "planned_start"),
        requirement(2, Measure.PRESENT, "stamped_start"),
        requirement(3, Measure.PRESENT, "team", level=Level.S, weight=1),
        requirement(4, Measure.FORM, "birth_name", contract="person/1"),
    ]
    gate = scored(asked, sample(40)).score.gate
    assert gate == {"met": 1, "reserved": 0, "failed": 1, "unseen": 1, "void": 0, "waived": 0}


@pytest.mark.parametrize(
    ("response", "commitment", "verdict", "satisfaction"),
    [
        (BidResponse.STANDARD, "", BidVerdict.RESERVED, 0.5),
        (BidResponse.SETTING, "", BidVerdict.RESERVED, 0.5),
        (BidResponse.DEVELOPMENT, "2027-03-31", BidVerdict.RESERVED, 0.5),
        (BidResponse.DEVELOPMENT, "", BidVerdict.UNSEEN, None),
        (BidResponse.NOT_COVERED, "", BidVerdict.FAILED, 0.0),
        (BidResponse.IMPOSSIBLE, "", BidVerdict.FAILED, 0.0),
        (None, "", BidVerdict.FAILED, 0.0),
    ],
)
def test_what_is_only_declared_counts_half(response, commitment, verdict, satisfaction, sample, scored):
    replies = {ANSWERED.id: BidReply(response=response, commitment=commitment)}
    (result,) = scored([ANSWERED], sample(5), replies=replies).score.results
    assert (result.verdict, result.satisfaction) == (verdict, satisfaction)


def test_silence_in_the_grid_counts_as_not_possible_and_no_grid_as_nothing_shown(sample, scored):
    asked = [ANSWERED, requirement(1, Measure.FORM, "planned_start")]
    other = {"PAS-VIS-777": BidReply(response=BidResponse.STANDARD)}
    first, second = scored(asked, sample(40), replies=other).score.results
    assert (first.verdict, first.satisfaction) == (BidVerdict.FAILED, 0.0)
    assert first.why == "Left without an answer, which counts as «not possible»."
    assert (second.verdict, second.gap) == (BidVerdict.MET, f"{first.why[:-1]}; the sample meets it.")
    assert scored(asked, sample(40)).score.results[0].verdict is BidVerdict.UNSEEN


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (None, "left empty"),
        (BidReply(response=None), "left empty"),
        (BidReply(response=BidResponse.STANDARD), "Have it shown"),
        (BidReply(response=BidResponse.DEVELOPMENT, commitment="2027-03-31"), "into the contract"),
        (BidReply(response=BidResponse.DEVELOPMENT), "by which day"),
        (BidReply(response=BidResponse.IMPOSSIBLE), "do without it"),
    ],
)
def test_what_only_an_answer_shows_says_what_to_do_about_that_answer(reply, says, sample, scored):
    replies = {} if reply is None else {ANSWERED.id: reply}
    (result,) = scored([ANSWERED], sample(5), replies=replies).score.results
    assert says in result.remedy


def test_an_answer_is_set_against_the_fact(sample, scored):
    asked = [requirement(1, Measure.PRESENT, "stamped_start"), requirement(2, Measure.FORM, "planned_start")]
    replies = {
        asked[0].id: BidReply(response=BidResponse.STANDARD),
        asked[1].id: BidReply(response=BidResponse.IMPOSSIBLE),
    }
    first, second = scored(asked, sample(40), replies=replies).score.results
    assert "not met" in first.gap
    assert "meets it" in second.gap
    assert [one.gap for one in scored(asked, sample(40)).score.results] == ["", ""]


def test_answers_are_read_back_from_the_grid_that_was_handed_out(tmp_path):
    tender = consultation(requirement(1, Measure.FORM, "planned_start"), ANSWERED)
    given = grid.GridAnswer(answer="DS", details="Mémoire, p. 12", commitment="2027-03-31", equivalence="ISO 8601")
    path = tmp_path / "grille.xlsx"
    path.write_bytes(grid.write(tender, grid.GridFilling(given={ANSWERED.id: given}, found={})))
    assert deciding.read_replies(path, tender) == {
        "PAS-VIS-001": BidReply(response=None),
        ANSWERED.id: BidReply(
            response=BidResponse.DEVELOPMENT,
            commitment="2027-03-31",
            reference="Mémoire, p. 12",
            equivalence="ISO 8601",
        ),
    }


def test_a_workbook_that_is_no_grid_of_this_tender_is_refused(tmp_path):
    path = tmp_path / "grille.xlsx"
    path.write_bytes(grid.write(consultation(requirement(7, Measure.FORM, "planned_start"))))
    with pytest.raises(UsageError) as refused:
        deciding.read_replies(path, consultation(ANSWERED))
    assert refused.value.code == "usage.grid.unrecognised"
    path.write_text("no workbook")
    with pytest.raises(UsageError, match=r"grille\.xlsx"):
        deciding.read_replies(path, consultation(ANSWERED))


def _decisions(path, text):
    path.write_text(text, encoding="utf-8")
    return deciding.read_waivers(path, consultation(requirement(1, Measure.PRESENT, "stamped_start"), ANSWERED))


def test_decisions_of_the_buyer_carry_who_when_and_why(tmp_path, sample, scored):
    decided = _decisions(
        tmp_path / "decisions.toml",
        '[[derogation]]\nexigence = "PAS-VIS-001"\nraison = "Reprise en 2027"\npar = "Le CA"\njour = 2026-11-20\n'
        '[[sans_objet]]\nexigence = "PAS-VIS-009"\nraison = "Pas de serveur"\npar = "Le CA"\njour = 2026-11-20\n',
    )
    asked = [requirement(1, Measure.PRESENT, "stamped_start"), ANSWERED]
    done = scored(asked, sample(40), waivers=decided).score
    assert [one.verdict for one in done.results] == [BidVerdict.WAIVED, BidVerdict.VOID]
    assert done.results[0].why == "Reprise en 2027"
    assert (done.note.weight, done.waivers) == (0, decided)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[[derogation]]\nexigence = 1", "usage.waivers.malformed"),
        (
            '[[derogation]]\nexigence = "PAS-VIS-001"\nraison = ""\npar = "x"\njour = 2026-11-20',
            "usage.waivers.malformed",
        ),
        ("= 3", "usage.waivers.malformed"),
        (
            '[[derogation]]\nexigence = "PAS-X"\nraison = "abc"\npar = "x"\njour = 2026-11-20',
            "usage.requirement.unknown",
        ),
    ],
)
def test_a_decision_without_a_reason_or_a_known_number_is_refused(text, code, tmp_path):
    with pytest.raises(UsageError) as refused:
        _decisions(tmp_path / "decisions.toml", text)
    assert refused.value.code == code
