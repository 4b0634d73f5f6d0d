"""Bronze checks: hostile parcels end in reasons, whatever they hold."""

from __future__ import annotations

from passerelle.testing.connector_under_test import ConnectorUnderTest
from passerelle.testing.grades import Grade, check_for
from passerelle.testing.hostile import PARCELS
from passerelle.testing.samples import take
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.language import N_


class HostileInputChecks(ConnectorUnderTest):
    """Checks on hostile parcels."""

    def resists(self, *names: str) -> None:
        """Take hostile parcels: each is parked, or each of its rows has one fate."""
        supplier, connector, _ = self.find_connector()
        for name in names:
            try:
                taken = take(PARCELS[name](connector), supplier, connector, plan=self.plan)
            except ParcelError:
                continue
            assert taken.balanced, name

    @check_for(Grade.BRONZE, N_("An empty parcel ends in a reason, or in nothing."))
    def test_an_empty_parcel_is_survived(self) -> None:
        """No bytes, or white space."""
        self.resists("empty", "white")

    @check_for(Grade.BRONZE, N_("A header without rows gives no record."))
    def test_a_header_alone_is_survived(self) -> None:
        """Nothing happened that day."""
        self.resists("header")

    @check_for(Grade.BRONZE, N_("A byte-order mark that is there twice is survived."))
    def test_two_byte_order_marks_are_survived(self) -> None:
        """Files put together by hand."""
        self.resists("marks")

    @check_for(Grade.BRONZE, N_("Bytes of another encoding end in a reason."))
    def test_another_encoding_is_survived(self) -> None:
        """UTF-16, and bytes of none."""
        self.resists("utf16", "broken")

    @check_for(Grade.BRONZE, N_("NUL characters end in a reason."))
    def test_nul_characters_are_survived(self) -> None:
        """Memory dumped by the exporting software."""
        self.resists("nul")

    @check_for(Grade.BRONZE, N_("A cell of ten million characters ends in a reason."))
    def test_a_huge_cell_is_survived(self) -> None:
        """A photograph pasted into a comment."""
        self.resists("huge")

    @check_for(Grade.BRONZE, N_("Five thousand columns are survived."))
    def test_five_thousand_columns_are_survived(self) -> None:
        """A sheet that somebody coloured to the end."""
        self.resists("wide")

    @check_for(Grade.BRONZE, N_("Formulas and scripts in cells are text and nothing else."))
    def test_formulas_are_survived(self) -> None:
        """They are data."""
        self.resists("formulas")

    @check_for(Grade.BRONZE, N_("Rows too short and too long end in a reason each."))
    def test_ragged_rows_are_survived(self) -> None:
        """Cells with unprotected separators."""
        self.resists("ragged")

    @check_for(Grade.BRONZE, N_("A parcel that stops in the middle ends in a reason."))
    def test_a_parcel_cut_short_is_survived(self) -> None:
        """A transfer that broke off."""
        self.resists("cut")

    @check_for(Grade.BRONZE, N_("Noise ends in a reason."))
    def test_noise_is_survived(self) -> None:
        """Every byte there is, and an archive that lies about itself."""
        self.resists("noise", "liar")

    @check_for(Grade.BRONZE, N_("What swells or nests without end is stopped."))
    def test_bombs_are_survived(self) -> None:
        """Archives, entities, nesting."""
        self.resists("bomb", "deep")
