"""A score as one HTML page that needs nothing else: no script, no font, no network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from passerelle.documents.templates import get_template
from passerelle.tender.scoring import score_labels
from passerelle.tender.scoring.forms import drawing, pictures, summary
from passerelle.vocabulary import labels
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jinja2 import Template

    from passerelle.tender.scoring.scorecard import Score


def write(score: Score) -> bytes:
    """Write the page, in the language in use. Everything is escaped."""
    sections = [
        ("attestation", _("Attestation")),
        ("domains", _("Summary by domain")),
        ("grid", _("Grid of conformity")),
        *([("pictures", _("What the sample looks like"))] if score.pictures or score.filled.months else []),
        ("causes", _("Anomalies, by cause")),
        ("asking", _("Request for more")),
        ("return", _("Reversibility")),
        ("protection", _("Data protection")),
        ("compatibility", _("Compatibility")),
        ("method", _("Method")),
        ("decisions", _("Decisions of the buyer")),
    ]
    return (
        find_template("score.html.jinja")
        .render(
            score=score,
            rows=sum(one.rows for one in score.samples),
            chapters=summary.group_by_chapter(score.results),
            causes=summary.group_causes(score),
            answered=any(one.reply for one in score.results),
            personal=list(_iter_personal(score)),
            support=summary.find_support(score),
            sections=sections,
        )
        .encode()
    )


def _iter_personal(score: Score) -> Iterator[tuple[str, str, str, str]]:
    """Yield title of the contract, data subject, sensitivity and fields, the most sensitive first."""
    ranks = ("special", "surveillance", "identifying", "ordinary")
    for one in score.coverage:
        groups: dict[tuple[str, str], list[str]] = {}
        for name, subject, sensitivity in one.personal:
            groups.setdefault((subject, sensitivity), []).append(score_labels.get_field_title(one.contract, name))
        # Most sensitive first: it is what a data protection officer looks for.
        for subject, sensitivity in sorted(groups, key=lambda pair: (ranks.index(pair[1]), pair[0])):
            titles = " · ".join(groups[subject, sensitivity])
            yield one.title, _(labels.SUBJECTS[subject]), _(labels.SENSITIVITIES[sensitivity]), titles


def write_chip(verdict: str) -> Markup:
    """Write a verdict as a label: a word, a sign and a tint."""
    return Markup('<span class="v {}">{}</span>').format(str(verdict), score_labels.write_verdict(verdict))


_SHARED: dict[str, Any] = {
    "_": _,
    "labels": score_labels,
    "summary": summary,
    "drawing": drawing,
    "pictures": pictures,
    "chip": write_chip,
}


def find_template(name: str) -> Template:
    """Return a template of this folder, with the words and drawings that reports share."""
    return get_template(f"tender/scoring/forms/{name}", _SHARED)
