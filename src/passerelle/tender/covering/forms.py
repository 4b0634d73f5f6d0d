"""A supplier's coverage as text and as one HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.tender.scoring import score_labels
from passerelle.tender.scoring.forms import page, summary
from passerelle.vocabulary.formatting import format_labelled
from passerelle.vocabulary.language import _, get_current

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.tender.covering.coverage import ContractCoverage, SupplierCoverage


def write_text(coverage: SupplierCoverage) -> str:
    """Write the coverage for a terminal, one paragraph a contract."""
    return "\n\n".join([coverage.title, *("\n".join(_write_contract(one, coverage)) for one in coverage.contracts)])


def _write_contract(one: ContractCoverage, coverage: SupplierCoverage) -> Iterator[str]:
    yield f"{score_labels.get_record_title(one.contract)} ({one.contract} {one.version})"
    if not one.connectors:
        yield "  " + _("No connector known here reads records of this kind: ask the supplier.")
        return
    yield "  " + format_labelled(_("Read by"), ", ".join(one.connectors))
    yield "  " + format_labelled(_("Fields read"), _write_share(one.list_names(), one))
    yield "  " + format_labelled(_("Taken back"), _write_share(one.list_names(returned=True), one))
    for label, names in _list_fields(one, asked=bool(coverage.tender)):
        if names:
            yield "  " + format_labelled(label, summary.write_fields(one.contract, names))


def _write_share(names: tuple[str, ...], one: ContractCoverage) -> str:
    return _("{count} of {all} fields").format(count=len(names), all=len(one.fields))


def _list_fields(one: ContractCoverage, *, asked: bool) -> list[tuple[str, tuple[str, ...]]]:
    missing = _("Asked for and not read: ask the supplier") if asked else _("Not read: ask the supplier")
    return [
        (missing, one.list_names(filled=False, asked=asked)),
        (_("Read and not taken back"), one.list_names(returned=False, asked=asked)),
    ]


def write_html(coverage: SupplierCoverage) -> bytes:
    """Write one page that needs nothing else."""
    template = page.find_template("coverage.html.jinja")
    return template.render(
        coverage=coverage,
        language=get_current(),
        lists=_list_fields,
        yes=lambda is_so: f"✓ {_('yes')}" if is_so else f"✗ {_('no')}",
    ).encode()
