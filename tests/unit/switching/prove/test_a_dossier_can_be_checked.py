"""A dossier says what was moved and compared, without any person's data; whatever is changed in it is found."""

from __future__ import annotations

import json
import random
import shutil
from datetime import UTC, datetime
from html import escape

import pytest
from leaving_columns import describe_both, make_both_sides
from old_software import CONTACTS, PEOPLE, PLUGINS, contacts, people

from passerelle.faces.report.dossier import format_verification
from passerelle.switching.compare.side_comparing import ComparisonTerms, compare_sides
from passerelle.switching.compare.side_findings import FindingLog
from passerelle.switching.decisions import AcceptedLoss, Decisions
from passerelle.switching.prove import keys, signing
from passerelle.switching.prove.carried_descriptions import pack_descriptions
from passerelle.switching.prove.comparison_terms import describe_terms, rebuild_terms
from passerelle.switching.prove.dossier import DossierInput, as_bytes, build_document
from passerelle.switching.prove.dossier_page import STATES, find_state
from passerelle.switching.prove.dossier_verifying import verify_dossier
from passerelle.switching.side import Side, make_file_export
from passerelle.switching.simulated_target import SimulatedTarget
from passerelle.switching.snapshot import take_snapshot
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import set_language

AT = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
PERSONS = [(number, f"NOM{number}", 7) for number in range(1, 31)]
ROWS = [(100 + n, 1 + n % 30, 7 + n % 2, "02/05/2024", "", "Logement", "Petit") for n in range(60)]
LOSS = AcceptedLoss("person/1", "birth_name", "lost_attribute", "La directrice", "Champ absent du nouveau logiciel", 3)


def _side(folder, name, persons, rows):
    people(folder, *persons)
    contacts(folder, *rows)
    files = {PEOPLE: "personnes.csv", CONTACTS: "contacts.csv"}
    return Side(name, tuple(make_file_export(one, [folder / file], PLUGINS) for one, file in files.items()))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("preuve")
    old = _side(folder / "exports" / "avant", "ancien", PERSONS, ROWS)
    new = _side(folder / "exports" / "apres", "nouveau", PERSONS, [*ROWS[1:], (160, 1, 7, "02/05/2024", "", "B", "P")])
    origin, target = take_snapshot(old, folder / "origin"), take_snapshot(new, folder / "target")
    findings = FindingLog(folder / "ecarts.ndjson", lambda ref: ref[-2:])
    (folder / "rows").mkdir()
    decisions = Decisions(accepted=(LOSS,))
    with findings:
        comparison = compare_sides(
            origin,
            target,
            ComparisonTerms(simulated=SimulatedTarget(new, decisions)),
            folder=folder / "rows",
            findings=findings,
        )
    case = DossierInput(
        name="bascule",
        origin=origin,
        target=target,
        comparison=comparison.to_json(),
        at=AT,
        seed="tirage du 20 novembre",
        size=5,
        decisions=decisions,
        journal=[{"flow": "bascule-g1-1-person", "contract": "person/1", **dict.fromkeys(_FATES, 0), "received": 30}],
    )
    key = folder / "cle.pem"
    keys.make_key(key)
    signing.write_dossier(folder / "dossier", build_document(case), keys.load_key(key), folder / "ecarts.ndjson")
    return folder, case


_FATES = ("received", "delivered", "unchanged", "duplicate", "unreadable", "rejected", "withheld", "refused", "unknown")


@pytest.fixture
def copy(made, tmp_path):
    shutil.copytree(made[0] / "dossier", tmp_path / "dossier")
    shutil.copytree(made[0] / "exports", tmp_path / "exports")
    return tmp_path


def _flaws(folder, **more):
    return {(flaw.code, flaw.about) for flaw in verify_dossier(folder / "dossier", **more).flaws}


def test_a_dossier_as_written_holds_and_everything_can_be_computed_again(copy):
    verdict = verify_dossier(copy / "dossier", exports=copy / "exports", plugins=PLUGINS)
    assert verdict.flaws == []
    assert len(verdict.recomputed) == 7


def test_whatever_byte_is_flipped_in_whatever_file_it_is_found(copy, made):
    draw = random.Random(11)  # noqa: S311  a seeded test
    files = sorted((copy / "dossier").iterdir())
    for _turn in range(40):
        path = draw.choice(files)
        content = path.read_bytes()
        place = draw.randrange(len(content))
        path.write_bytes(content[:place] + bytes([content[place] ^ (1 << draw.randrange(8))]) + content[place + 1 :])
        try:
            assert _flaws(copy), (path.name, place)
        except UsageError:
            assert path.name == signing.SIGNATURE
        path.write_bytes(content)
    assert _flaws(copy) == set()


def test_whatever_byte_is_flipped_in_an_export_it_is_found(copy):
    draw = random.Random(12)  # noqa: S311  a seeded test
    files = [path for path in sorted((copy / "exports").rglob("*")) if path.is_file()]
    for _turn in range(3):
        path = draw.choice(files)
        content = path.read_bytes()
        place = draw.randrange(len(content))
        path.write_bytes(content[:place] + bytes([content[place] ^ (1 << draw.randrange(8))]) + content[place + 1 :])
        found = _flaws(copy, exports=copy / "exports", plugins=PLUGINS)
        assert ("validate.dossier.unlisted", str(path.relative_to(copy / "exports"))) in found
        path.write_bytes(content)


def test_a_file_too_many_or_too_few_is_told(copy):
    (copy / "dossier" / "annexe.pdf").write_bytes(b"%PDF")
    (copy / "dossier" / signing.PAGE).unlink()
    assert _flaws(copy) == {("validate.dossier.stranger", "annexe.pdf"), ("validate.dossier.absent", signing.PAGE)}


def test_somebody_else_who_signs_other_facts_has_another_fingerprint(copy, made):
    content = json.loads((copy / "dossier" / signing.DOSSIER).read_bytes())
    content["contracts"][0]["origin"]["count"] += 1
    keys.make_key(copy / "autre.pem")
    signing.write_dossier(copy / "faux" / "dossier", content, keys.load_key(copy / "autre.pem"))
    verdict = verify_dossier(copy / "faux" / "dossier", exports=copy / "exports", plugins=PLUGINS)
    assert {flaw.code for flaw in verdict.flaws} == {"validate.dossier.fingerprint"}
    assert verdict.fingerprint != verify_dossier(copy / "dossier").fingerprint


def test_a_sample_that_was_chosen_by_hand_is_found(copy):
    content = json.loads((copy / "dossier" / signing.DOSSIER).read_bytes())
    content["sample"]["drawn"][0]["line"] += 1
    keys.make_key(copy / "autre.pem")
    signing.write_dossier(copy / "faux" / "dossier", content, keys.load_key(copy / "autre.pem"))
    assert _flaws(copy / "faux", exports=copy / "exports", plugins=PLUGINS) == {("validate.dossier.sample", "origin")}


def _hide_findings(content):
    content["comparison"] |= {"findings": [], "faithful": True}


def _count_fewer(content):
    content["comparison"]["findings"][0]["count"] -= 1


def _hide_losses(content):
    none = {"predicted": 3, "found": 0, "accepted_by": "La directrice", "why": "Sans objet"}
    content["comparison"]["expected"] = [
        {"contract": "person/1", "field": "birth_name", "kind": "lost_attribute", **none}
    ]


def _hide_terms(content):
    _hide_findings(content)
    del content["terms"]


def _spoil_terms(content):
    content["terms"]["links"] = [["no"]]
    _hide_findings(content)


@pytest.mark.parametrize("forge", [_hide_findings, _count_fewer, _hide_losses, _hide_terms, _spoil_terms])
def test_whoever_signs_another_comparison_than_that_of_the_exports_is_found(forge, copy, made):
    """Signed with the right key: only computing it again shows it."""
    content = json.loads((copy / "dossier" / "dossier.json").read_text("utf-8"))
    forge(content)
    shutil.rmtree(copy / "dossier")
    signing.write_dossier(copy / "dossier", content, keys.load_key(made[0] / "cle.pem"))
    assert _flaws(copy) == set()
    codes = {code for code, _about in _flaws(copy, exports=copy / "exports", plugins=PLUGINS)}
    assert codes == {f"validate.dossier.{'terms' if forge in (_hide_terms, _spoil_terms) else 'comparison'}"}


def _make_older(content):
    content["format"] = "passerelle.dossier/2"
    del content["comparison"]["left_behind"]


@pytest.mark.parametrize("forge", [None, _hide_findings, _hide_losses])
def test_a_dossier_of_an_older_edition_is_neither_called_forged_nor_believed(forge, copy, made):
    content = json.loads((copy / "dossier" / "dossier.json").read_text("utf-8"))
    _make_older(content)
    if forge:
        forge(content)
    shutil.rmtree(copy / "dossier")
    signing.write_dossier(copy / "dossier", content, keys.load_key(made[0] / "cle.pem"))
    assert _flaws(copy) == set()
    verdict = verify_dossier(copy / "dossier", exports=copy / "exports", plugins=PLUGINS)
    assert [(flaw.code, flaw.about) for flaw in verdict.flaws] == [("validate.dossier.older", "comparison")]
    assert "comparison" not in verdict.recomputed
    set_language("fr")
    told = format_verification(verdict, is_key_known=True)
    assert "Une version plus ancienne" in told
    assert "tel qu’il a été signé" in told
    assert "Ne vous fiez pas" not in told


def test_what_was_changed_in_a_dossier_of_an_older_edition_is_still_found(copy, made):
    content = json.loads((copy / "dossier" / "dossier.json").read_text("utf-8"))
    _make_older(content)
    content["contracts"][0]["origin"]["count"] += 1
    shutil.rmtree(copy / "dossier")
    signing.write_dossier(copy / "dossier", content, keys.load_key(made[0] / "cle.pem"))
    verdict = verify_dossier(copy / "dossier", exports=copy / "exports", plugins=PLUGINS)
    assert "validate.dossier.fingerprint" in {flaw.code for flaw in verdict.flaws}
    set_language("fr")
    assert "tel qu’il a été signé" not in format_verification(verdict, is_key_known=True)


def test_links_between_both_sides_are_found_again_by_their_digests(tmp_path):
    old = _side(tmp_path / "avant", "ancien", PERSONS, ROWS)
    new = _side(tmp_path / "apres", "nouveau", [(n + 500, name, c) for n, name, c in PERSONS], [])
    snapshots = take_snapshot(old, tmp_path / "origin"), take_snapshot(new, tmp_path / "target")
    learned = {f"ancien:person:{n + 500}": f"ancien:person:{n}" for n in (1, 2)}
    content = {
        "terms": describe_terms(Decisions(), {}, learned, same_ids=False),
        "decisions": {"defaults": [], "accepted": []},
    }
    assert "person" not in json.dumps(content)
    assert dict(rebuild_terms(content, new, *snapshots).translation) == learned


def test_the_same_case_gives_the_same_bytes(made):
    assert as_bytes(build_document(made[1])) == (made[0] / "dossier" / signing.DOSSIER).read_bytes()


def test_no_persons_data_is_in_a_dossier(made):
    for path in (made[0] / "dossier").iterdir():
        text = path.read_text("utf-8")
        assert "NOM1" not in text, path.name
        assert "personnes.csv" not in text, path.name


def test_the_page_says_counts_losses_who_accepted_them_the_sample_and_where_to_sign(made):
    page = (made[0] / "dossier" / signing.PAGE).read_text("utf-8")
    for words in ("La directrice", "tirage du 20 novembre", "Écarts ouverts", "Signatures", "@media print", "@page"):
        assert words in page
    assert "<script" not in page
    assert keys.format_fingerprint(keys.to_public(keys.load_key(made[0] / "cle.pem"))) in page


def test_the_order_of_records_does_not_change_a_fingerprint_and_a_value_does(made, tmp_path):
    content = json.loads((made[0] / "dossier" / signing.DOSSIER).read_bytes())
    counts = {one["contract"]: (one["origin"], one["target"]) for one in content["contracts"]}
    assert counts["person/1"][0] == counts["person/1"][1]
    assert counts["interaction/1"][0]["digest"] != counts["interaction/1"][1]["digest"]
    mixed = _side(tmp_path / "mixed", "ancien", PERSONS[::-1], ROWS)
    from passerelle.switching.prove import fingerprints  # noqa: PLC0415  only this test needs it

    found = fingerprints.fingerprint_origin(take_snapshot(mixed, tmp_path / "releve"))
    assert found["person/1"]["digest"] == counts["person/1"][0]["digest"]


def test_a_record_that_comes_again_in_the_old_exports_counts_once_as_it_was_last(tmp_path):
    from passerelle.switching.prove import fingerprints  # noqa: PLC0415  only this test needs it

    earlier = (PERSONS[3][0], "AUTRE", 7)
    plain = take_snapshot(_side(tmp_path / "plain", "ancien", PERSONS, ROWS), tmp_path / "plain-taken")
    again = take_snapshot(_side(tmp_path / "again", "ancien", [earlier, *PERSONS], ROWS), tmp_path / "again-taken")
    assert again.count("person/1") == plain.count("person/1") + 1
    assert fingerprints.fingerprint_origin(again) == fingerprints.fingerprint_origin(plain)
    assert fingerprints.fingerprint_target(again)["person/1"] != fingerprints.fingerprint_target(plain)["person/1"]


def test_what_few_records_hold_has_no_fingerprint(tmp_path):
    from passerelle.switching.prove import fingerprints  # noqa: PLC0415  only this test needs it

    side = _side(tmp_path / "few", "ancien", PERSONS[:9], ROWS)
    found = fingerprints.fingerprint_origin(take_snapshot(side, tmp_path / "releve"))
    assert found["person/1"]["fields"]["birth_name"] == {"known": 9, "digest": None}
    assert (found["person/1"]["count"], found["person/1"]["digest"]) == (9, None)
    assert found["interaction/1"]["digest"] is not None


def test_a_key_is_for_its_owner_alone_is_never_overwritten_and_may_have_a_passphrase(tmp_path):
    path = tmp_path / "cle.pem"
    keys.make_key(path, "trois mots choisis")
    assert path.stat().st_mode & 0o077 == 0
    assert keys.load_key(path, "trois mots choisis")
    for call in (lambda: keys.load_key(path), lambda: keys.load_key(path, "autre"), lambda: keys.make_key(path)):
        with pytest.raises(UsageError):
            call()


def test_another_connector_version_is_told_and_the_digests_still_hold(copy):
    content = json.loads((copy / "dossier" / signing.DOSSIER).read_bytes())
    content["sides"]["target"]["files"][0]["connector_version"] = "0.9"
    keys.make_key(copy / "autre.pem")
    signing.write_dossier(copy / "vieux" / "dossier", content, keys.load_key(copy / "autre.pem"))
    assert _flaws(copy / "vieux", exports=copy / "exports", plugins=PLUGINS) == {("validate.dossier.unread", "target")}


def test_what_is_no_dossier_is_refused(tmp_path):
    (tmp_path / "dossier").mkdir()
    for content in (b"", b"[]", b'{"public_key": 1}', b"{" * 100_000):
        (tmp_path / "dossier" / signing.SIGNATURE).write_bytes(content)
        with pytest.raises(UsageError):
            verify_dossier(tmp_path / "dossier")


def _prove_described(folder):
    """Prove a move between two softwares that are only described beside the settings of whoever moved."""
    old, new = make_both_sides(folder / "exports", describe_both(folder / "editeurs"))
    both = (take_snapshot(old, folder / "old"), take_snapshot(new, folder / "new"))
    (folder / "rows").mkdir()
    with FindingLog(folder / "ecarts.ndjson", lambda _ref: "") as findings:
        terms = ComparisonTerms(simulated=SimulatedTarget(new), same_ids=True)
        comparison = compare_sides(*both, terms, folder=folder / "rows", findings=findings)
    case = DossierInput(
        name="bascule",
        origin=both[0],
        target=both[1],
        comparison=comparison.to_json(),
        at=AT,
        seed="tirage",
        same_ids=True,
        descriptions=pack_descriptions((old, new)),
    )
    keys.make_key(folder / "cle.pem")
    return build_document(case), keys.load_key(folder / "cle.pem")


def test_a_third_party_reads_by_the_descriptions_that_the_dossier_carries(tmp_path):
    content, key = _prove_described(tmp_path)
    signing.write_dossier(tmp_path / "dossier", content, key, tmp_path / "ecarts.ndjson")
    shutil.rmtree(tmp_path / "editeurs")
    verdict = verify_dossier(tmp_path / "dossier", exports=tmp_path / "exports", plugins=PLUGINS)
    assert verdict.flaws == []
    assert verdict.described == ["vieux-personnes", "neuf-personnes"]
    assert "Couleur du dossier" in (tmp_path / "dossier" / "dossier.html").read_text("utf-8")


def test_whoever_signs_that_fewer_columns_stayed_behind_is_found(tmp_path):
    content, key = _prove_described(tmp_path)
    content["comparison"]["left_behind"] = content["comparison"]["left_behind"][1:]
    signing.write_dossier(tmp_path / "dossier", content, key, tmp_path / "ecarts.ndjson")
    assert _flaws(tmp_path, exports=tmp_path / "exports", plugins=PLUGINS) == {
        ("validate.dossier.comparison", "left_behind")
    }


def test_a_description_whose_name_leads_elsewhere_is_not_written_there(tmp_path):
    content, key = _prove_described(tmp_path)
    for about in content["descriptions"]:
        about["files"]["../../dehors.toml"] = "id = 'x'"
    signing.write_dossier(tmp_path / "dossier", content, key, tmp_path / "ecarts.ndjson")
    flaws = _flaws(tmp_path, exports=tmp_path / "exports", plugins=PLUGINS)
    assert flaws == {("validate.dossier.unread", "origin"), ("validate.dossier.unread", "target")}


@pytest.mark.parametrize(
    ("findings", "losses", "columns", "state"),
    [
        ([], [], [], "faithful"),
        ([], [{"found": 2, "accepted_by": "D"}], [{"kind": "waived", "accepted_by": "D"}], "faithful"),
        ([], [{"found": 2, "accepted_by": None}], [], "undecided"),
        ([], [{"found": 0, "accepted_by": None}], [{"kind": "out_of_scope", "accepted_by": None}], "faithful"),
        ([], [], [{"kind": "unknown", "accepted_by": None}], "undecided"),
        ([{"count": 1}], [], [], "open"),
    ],
)
def test_a_move_is_in_one_of_three_states(findings, losses, columns, state):
    comparison = {"findings": findings, "expected": losses, "left_behind": columns}
    assert find_state({"comparison": comparison}) == state


def test_the_first_page_says_the_state_in_words_shows_both_sides_and_has_a_place_to_sign(made):
    page = (made[0] / "dossier" / "dossier.html").read_text("utf-8")
    first = page[page.index('<div class="first">') : page.index("<h2>", page.index('<div class="first">'))]
    assert escape(STATES["open"], quote=False) in first.replace("&#39;", "'")
    assert first.index("<svg") < first.index("Signatures")
    assert page.count('<table class="sign">') == 1


def test_a_table_that_is_wider_than_a_telephone_scrolls_alone(made):
    page = (made[0] / "dossier" / "dossier.html").read_text("utf-8")
    assert page.count("<table") == page.count('<div class="scroll"><table') == page.count("</table></div>")
