"""Every route of the workbench, with its endpoint and the right that it asks for, in one table.

Rights hang on the endpoint, never on the path: a request is matched to its route first, then its visitor's rights are
held against that route's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from starlette.responses import Response

from passerelle.faces.web import (
    cause_follow_up,
    check_pages,
    contract_pages,
    description_pages,
    draft_pages,
    flow_pages,
    issuer_pages,
    passkey_pages,
    person_pages,
    quarantine_pages,
    register_page,
    row_pages,
    run_pages,
    sign_in_pages,
    state_pages,
    supplier_pages,
    switch_act_pages,
    switch_pages,
    tender_begin_pages,
    tender_comparison_page,
    tender_pages,
    tender_score_pages,
    today_page,
    trail_pages,
    trial_pages,
    value_pages,
    workshop_pages,
)
from passerelle.faces.web.blocks import PagePart, PageRedirect, WebPage
from passerelle.faces.web.rights import Right
from passerelle.faces.web.visits import PageVisit

Answer: TypeAlias = WebPage | PagePart | PageRedirect | Response
Endpoint: TypeAlias = Callable[[PageVisit], Answer]


@dataclass(frozen=True, slots=True)
class PagePath:
    """One path and method: what answers, and what its visitor must have the right to."""

    method: str
    path: str
    endpoint: Endpoint
    right: Right
    takes_file: bool = False
    most_files: int = 1


_CAUSE = "/quarantaine/causes/{cause}"
_ROW = "/quarantaine/lignes/{item}"
_SWITCH = "/bascules/{switch}"
_TENDER = "/consultations/{tender}"
_DRAFT = "/atelier/brouillons/{draft}"
ROUTES = (
    PagePath("GET", "/", today_page.show_today, Right.SEE),
    PagePath("GET", "/flux", flow_pages.list_flows, Right.SEE),
    PagePath("GET", "/flux/{flow}", flow_pages.show_flow, Right.SEE),
    PagePath("POST", "/flux/{flow}/lancer", run_pages.start_run, Right.RUN),
    PagePath("GET", "/flux/{flow}/essai", trial_pages.show_trial, Right.RUN),
    PagePath("GET", "/flux/{flow}/essai/chiffres", trial_pages.show_figures, Right.RUN),
    PagePath("POST", "/flux/{flow}/essai", trial_pages.start_trial, Right.RUN),
    PagePath("POST", "/flux/{flow}/reprendre", run_pages.resume, Right.RUN),
    PagePath("GET", "/passages", run_pages.list_runs, Right.SEE),
    PagePath("GET", "/passages/{run}", run_pages.show_run, Right.SEE),
    PagePath("GET", "/passages/{run}/chiffres", run_pages.show_figures, Right.SEE),
    PagePath("GET", "/quarantaine", quarantine_pages.list_causes, Right.SEE),
    PagePath("GET", _CAUSE, quarantine_pages.show_cause, Right.SEE),
    PagePath("GET", f"{_CAUSE}/lignes", quarantine_pages.list_rows, Right.SEE),
    PagePath("POST", f"{_CAUSE}/acces", quarantine_pages.grant_access, Right.REVEAL),
    PagePath("GET", f"{_CAUSE}/valeurs", value_pages.show_values, Right.REVEAL),
    PagePath("POST", f"{_CAUSE}/valeurs", value_pages.correct, Right.CORRECT),
    PagePath("POST", f"{_CAUSE}/verdict", value_pages.try_values, Right.CORRECT),
    PagePath("POST", f"{_CAUSE}/reprise", quarantine_pages.replay, Right.CORRECT),
    PagePath("POST", f"{_CAUSE}/suivi", cause_follow_up.keep_follow_up, Right.CORRECT),
    PagePath("GET", f"{_CAUSE}/destruction", cause_follow_up.show_destruction, Right.CORRECT),
    PagePath("POST", f"{_CAUSE}/destruction", cause_follow_up.destroy, Right.CORRECT),
    PagePath("GET", _ROW, row_pages.show_row, Right.SEE),
    PagePath("POST", f"{_ROW}/acces", row_pages.grant_access, Right.REVEAL),
    PagePath("GET", f"{_ROW}/correction", row_pages.show_correction, Right.REVEAL),
    PagePath("POST", f"{_ROW}/correction", row_pages.keep, Right.CORRECT),
    PagePath("POST", f"{_ROW}/verdict", row_pages.try_row, Right.CORRECT),
    PagePath("GET", "/corrections", draft_pages.list_drafts, Right.CORRECT),
    PagePath("POST", "/corrections", draft_pages.release, Right.CORRECT),
    PagePath("POST", "/corrections/{item}/retrait", draft_pages.remove, Right.CORRECT),
    PagePath("GET", "/controler", check_pages.show_form, Right.SEE),
    PagePath("POST", "/controler", check_pages.check_file, Right.SEE, takes_file=True),
    PagePath("GET", "/verifier", check_pages.show_public_form, Right.PUBLIC),
    PagePath("POST", "/verifier", check_pages.check_public_file, Right.PUBLIC, takes_file=True),
    PagePath("GET", "/atelier", workshop_pages.show_workshop, Right.DESCRIBE),
    PagePath("POST", "/atelier", workshop_pages.propose, Right.DESCRIBE, takes_file=True),
    PagePath("GET", _DRAFT, description_pages.show_draft, Right.DESCRIBE),
    PagePath("POST", _DRAFT, description_pages.update_draft, Right.DESCRIBE),
    PagePath("POST", f"{_DRAFT}/essai", description_pages.try_draft, Right.DESCRIBE, takes_file=True),
    PagePath("POST", f"{_DRAFT}/application", description_pages.apply_draft, Right.APPLY),
    PagePath("POST", f"{_DRAFT}/retrait", description_pages.remove_draft, Right.DESCRIBE),
    PagePath("GET", "/contrats", contract_pages.list_contracts, Right.SEE),
    PagePath("GET", "/contrats/{name}/{edition}", contract_pages.show_contract, Right.SEE),
    PagePath("GET", "/contrats/{name}/{edition}/{file}", contract_pages.take_file, Right.SEE),
    PagePath("GET", "/editeurs", supplier_pages.list_suppliers, Right.SEE),
    PagePath("GET", "/editeurs/{supplier}", supplier_pages.show_supplier, Right.SEE),
    PagePath("POST", "/editeurs/{supplier}/examen", supplier_pages.examine, Right.RUN),
    PagePath("GET", "/bascules", switch_pages.list_switches, Right.SEE),
    PagePath("GET", _SWITCH, switch_pages.show_switch, Right.SEE),
    PagePath("POST", f"{_SWITCH}/decisions", switch_pages.judge_worksheet, Right.DESCRIBE, takes_file=True),
    PagePath("POST", f"{_SWITCH}/pesee", switch_act_pages.weigh, Right.RUN),
    PagePath("GET", f"{_SWITCH}/comparaisons", switch_act_pages.show_comparisons, Right.SEE),
    PagePath("GET", f"{_SWITCH}/comparaisons/chiffres", switch_act_pages.show_figures, Right.SEE),
    PagePath("POST", f"{_SWITCH}/comparaisons", switch_act_pages.compare, Right.RUN),
    PagePath("GET", f"{_SWITCH}/retour", switch_act_pages.show_rollbacks, Right.SEE),
    PagePath("POST", f"{_SWITCH}/retour", switch_act_pages.count_back, Right.RUN),
    PagePath("GET", f"{_SWITCH}/retour/retour.json", switch_act_pages.take_rollbacks, Right.SEE),
    PagePath("GET", f"{_SWITCH}/preuves", switch_act_pages.show_proofs, Right.SEE),
    PagePath("GET", f"{_SWITCH}/preuves/{{dossier}}/{{file}}", switch_act_pages.take_proof, Right.SEE),
    PagePath("GET", f"{_SWITCH}/{{file}}", switch_pages.take_file, Right.SEE),
    PagePath("GET", "/consultations", tender_pages.list_tenders, Right.SEE),
    PagePath("GET", tender_begin_pages.BASE, tender_begin_pages.choose_trade, Right.DESCRIBE),
    PagePath("GET", f"{tender_begin_pages.BASE}/{{trade}}", tender_begin_pages.show_form, Right.DESCRIBE),
    PagePath("POST", f"{tender_begin_pages.BASE}/{{trade}}", tender_begin_pages.begin, Right.DESCRIBE),
    PagePath("GET", _TENDER, tender_pages.show_tender, Right.SEE),
    PagePath(
        "POST",
        f"{_TENDER}/notes",
        tender_score_pages.score_sample,
        Right.SEE,
        takes_file=True,
        most_files=tender_pages.MOST_SAMPLES + 1,
    ),
    PagePath("GET", f"{_TENDER}/notes/{{score}}", tender_score_pages.show_score, Right.DESCRIBE),
    PagePath("GET", f"{_TENDER}/notes/{{score}}/{{file}}", tender_score_pages.take_file, Right.DESCRIBE),
    PagePath("GET", f"{_TENDER}/comparaison", tender_comparison_page.show_comparison, Right.DESCRIBE),
    PagePath("GET", f"{_TENDER}/comparaison/{{file}}", tender_comparison_page.take_file, Right.DESCRIBE),
    PagePath("GET", f"{_TENDER}/fichiers/{{file}}", tender_pages.take_paper, Right.SEE),
    PagePath("GET", "/registre", register_page.show_register, Right.SEE),
    PagePath("GET", "/registre/{file}", register_page.take_register, Right.SEE),
    PagePath("GET", "/personnes", person_pages.show_persons, Right.PERSONS),
    PagePath("POST", "/personnes", person_pages.find_person, Right.PERSONS),
    PagePath("GET", "/personnes/{person}", person_pages.show_person, Right.PERSONS),
    PagePath("POST", "/personnes/{person}/reponse", person_pages.record_answer, Right.PERSONS),
    PagePath("POST", "/personnes/{person}/export", person_pages.answer_request, Right.PERSONS),
    PagePath("GET", "/audit", trail_pages.list_acts, Right.OWN_ACTS),
    PagePath("POST", "/audit/verification", trail_pages.verify, Right.ALL_ACTS),
    PagePath("GET", "/etat", state_pages.show_state, Right.SEE),
    PagePath("GET", "/accessibilite", state_pages.declare_accessibility, Right.PUBLIC),
    PagePath("GET", "/sante", state_pages.answer_health, Right.PUBLIC),
    PagePath("GET", "/entrer", sign_in_pages.show_door, Right.PUBLIC),
    PagePath("POST", "/entrer", sign_in_pages.sign_in, Right.PUBLIC),
    PagePath("POST", "/entrer/lien", sign_in_pages.ask_link, Right.PUBLIC),
    PagePath("GET", "/entrer/invitation", sign_in_pages.show_invitation, Right.PUBLIC),
    PagePath("POST", "/entrer/invitation", sign_in_pages.take_invitation, Right.PUBLIC),
    PagePath("POST", "/entrer/code", sign_in_pages.confirm_code, Right.PUBLIC),
    PagePath("GET", "/entrer/fournisseur", issuer_pages.send_to_issuer, Right.PUBLIC),
    PagePath("GET", "/entrer/retour", issuer_pages.take_answer, Right.PUBLIC),
    PagePath("GET", "/entrer/suite", issuer_pages.show_arrival, Right.PUBLIC),
    PagePath("GET", "/entrer/refus/{cause}", issuer_pages.show_failure, Right.PUBLIC),
    PagePath("GET", "/entrer/sortie", issuer_pages.show_leaving, Right.PUBLIC),
    PagePath("GET", "/entrer/invitation/fournisseur", issuer_pages.show_invitation, Right.PUBLIC),
    PagePath("POST", "/entrer/invitation/fournisseur", issuer_pages.take_invitation, Right.PUBLIC),
    PagePath("POST", "/entrer/cle/defi", passkey_pages.ask_proof, Right.PUBLIC),
    PagePath("POST", "/entrer/cle", passkey_pages.enter, Right.PUBLIC),
    PagePath("GET", "/compte", passkey_pages.show_account, Right.SIGNED_IN),
    PagePath("POST", "/compte/cles/defi", passkey_pages.ask_new_passkey, Right.SIGNED_IN),
    PagePath("POST", "/compte/cles", passkey_pages.add, Right.SIGNED_IN),
    PagePath("POST", "/compte/cles/retrait", passkey_pages.remove, Right.SIGNED_IN),
    PagePath("POST", "/sortir", sign_in_pages.sign_out, Right.SIGNED_IN),
)
