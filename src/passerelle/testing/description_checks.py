"""Bronze checks of the description itself, before any sample."""

from __future__ import annotations

from collections.abc import Sequence

from passerelle import contracts, nomenclatures
from passerelle.stages.translate import Code, Ref, Word
from passerelle.testing.connector_under_test import ConnectorUnderTest, iter_columns, iter_converters
from passerelle.testing.grades import Grade, check_for
from passerelle.vocabulary.language import N_


class DescriptionChecks(ConnectorUnderTest):
    """Checks that need nothing but the description."""

    @check_for(Grade.BRONZE, N_("Supplier, connector and plugin say who they are, and which version."))
    def test_supplier_connector_and_plugin_say_who_they_are(self) -> None:
        """A title for people, a version for the journal."""
        supplier, connector, info = self.find_connector()
        assert all(text.strip() for text in (supplier.title, connector.title, info.version))

    @check_for(Grade.BRONZE, N_("Every required field of its contracts is filled, by what fits it."))
    def test_every_required_field_is_filled(self) -> None:
        """The plan compiles."""
        assert self.plan
        assert self.connector.tables

    @check_for(Grade.BRONZE, N_("Every column left out has a reason and is not read as well."))
    def test_every_column_left_out_has_a_reason_and_is_not_read_as_well(self) -> None:
        """To waive a column is to say why."""
        for table in self.connector.tables:
            assert all(why.strip() for why in table.waived.values())
            assert not {*table.waived, *table.carried} & set(iter_columns(table))

    @check_for(Grade.BRONZE, N_("No column is both waived and carried."))
    def test_no_column_is_both_waived_and_carried(self) -> None:
        """One of them would be in vain."""
        for table in self.connector.tables:
            assert not set(table.waived) & set(table.carried)

    @check_for(Grade.BRONZE, N_("What is out of scope has its reason, in French and in English."))
    def test_what_is_out_of_scope_has_its_reason_in_both_languages(self) -> None:
        """Rows left out are shown to people."""
        assert all(scope.fr.strip() and scope.en.strip() for scope in self.connector.out_of_scope)

    @check_for(Grade.BRONZE, N_("No rule that leaves rows out leaves out everything."))
    def test_no_rule_leaves_out_every_row(self) -> None:
        """Out of scope needs a condition, unless it is a member of its own."""
        read_members = {table.member for table in self.connector.tables}
        assert all(scope.where or scope.member not in read_members for scope in self.connector.out_of_scope)

    @check_for(Grade.BRONZE, N_("No word says both «unknown» and «none»."))
    def test_no_word_says_both_unknown_and_none(self) -> None:
        """A word has one meaning."""
        assert not set(self.connector.nulls) & set(self.connector.nothing)

    @check_for(Grade.BRONZE, N_("The references of its records begin with the supplier's id."))
    def test_references_of_records_begin_with_the_suppliers_id(self) -> None:
        """A reference says whose it is."""
        for table in self.connector.tables:
            entry = table.fields["ref"]
            own = entry if isinstance(entry, Sequence) else (entry,)
            inside = [one for made in own for one in (made, *getattr(made, "converters", ()))]
            assert all(one.system == self.supplier.id for one in inside if isinstance(one, Ref))

    @check_for(Grade.BRONZE, N_("Its code tables lead to codes that their lists have."))
    def test_code_tables_lead_to_codes_that_exist(self) -> None:
        """A misspelt code would be a value that nobody understands."""
        for table in self.connector.tables:
            for one in iter_converters(table):
                if isinstance(one, Code) and one.table and one.system in nomenclatures.list_names():
                    assert not set(one.table.values()) - set(nomenclatures.get(one.system).codes)

    @check_for(Grade.BRONZE, N_("Its word tables lead to words that the contract has."))
    def test_word_tables_lead_to_words_that_the_contract_has(self) -> None:
        """A word that the contract refuses would cost every row that holds it."""
        for table in self.connector.tables:
            facts = contracts.get(table.contract).describe_fields()
            for name, entry in table.fields.items():
                codes = facts[name].codes
                given = entry if isinstance(entry, Sequence) else (entry,)
                words = {word for one in given if isinstance(one, Word) for word in (*one.table.values(), one.default)}
                known = nomenclatures.get(codes).codes if codes in nomenclatures.list_names() else words
                assert not words - {"", *known}
