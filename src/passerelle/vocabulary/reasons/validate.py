"""Why a record does not satisfy its contract."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

_CORRECT = N_("Correct it in the software and export again; if the software shows it right, tell the supplier.")
_MAPPING = N_("Tell whoever maintains the connector: its mapping does not give what the contract expects.")

_FIELDS: tuple[Reason, ...] = (
    Reason(
        "validate.field.missing",
        N_("The contract requires «{path}» and the row gives nothing for it; expected: {expected}."),
        N_("Complete it in the software and export again, or ask the supplier to export it."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.field.unknown",
        N_("«{path}» holds something that the contract does not know ({found}); expected: {expected}."),
        _MAPPING,
        Concerns.DEVELOPER,
    ),
    Reason(
        "validate.value.wrong_type",
        N_("«{path}» is {found}; expected: {expected}."),
        _MAPPING,
        Concerns.DEVELOPER,
    ),
    Reason(
        "validate.value.out_of_bounds",
        N_("«{path}» is outside its bounds ({found}); expected: {expected}."),
        _CORRECT,
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.value.malformed",
        N_("«{path}» does not have the expected form ({found}); expected: {expected}."),
        _CORRECT,
        Concerns.SUPPLIER,
    ),
    Reason(
        "validate.number.decimals",
        N_("«{path}» has too many digits or decimals ({found}); expected: {expected}."),
        _CORRECT,
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.text.too_short",
        N_("«{path}» is too short ({found}); expected: {expected}."),
        _CORRECT,
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.text.too_long",
        N_("«{path}» is too long ({found}); expected: {expected}."),
        N_("Shorten it in the software, or ask for a longer field in the next version of the contract."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.text.characters",
        N_("«{path}» holds characters that cannot be read or printed ({found})."),
        N_("Tell the supplier: the export has damaged the text (control characters or a wrong encoding)."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "validate.list.too_short",
        N_("«{path}» has too few items ({found}); expected: {expected}."),
        _CORRECT,
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.list.too_long",
        N_("«{path}» has too many items ({found}); expected: {expected}."),
        _CORRECT,
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.reference.malformed",
        N_("«{path}» is not a reference ({found}); expected: {expected}."),
        _MAPPING,
        Concerns.DEVELOPER,
    ),
    Reason(
        "validate.reference.unresolved",
        N_("Records refer to others that are neither in this delivery nor in an earlier one."),
        N_("Look whether they were set aside; otherwise ask the supplier to export them too."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "validate.day.malformed",
        N_("«{path}» is not a day as the contract writes it ({found}); expected: {expected}."),
        _MAPPING,
        Concerns.DEVELOPER,
    ),
    Reason(
        "validate.day.impossible",
        N_("«{path}» is a day that is in no calendar ({found})."),
        _CORRECT,
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.instant.malformed",
        N_("«{path}» is not a date and time with its offset ({found}); expected: {expected}."),
        _MAPPING,
        Concerns.DEVELOPER,
    ),
    Reason(
        "validate.instant.impossible",
        N_("«{path}» is a date and time that is in no calendar ({found})."),
        _CORRECT,
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.amount.malformed",
        N_("«{path}» is not an amount ({found}); expected: {expected}."),
        _MAPPING,
        Concerns.DEVELOPER,
    ),
    Reason(
        "validate.quantity.malformed",
        N_("«{path}» is not a quantity ({found}); expected: {expected}."),
        _MAPPING,
        Concerns.DEVELOPER,
    ),
    Reason(
        "validate.word.unknown",
        N_("«{path}» is none of the words of the contract ({found}); expected: {expected}."),
        N_("Add the supplier's word to the connector's table, or correct it in the software."),
        Concerns.DEVELOPER,
    ),
    Reason(
        "validate.code.empty",
        N_("«{path}» gives neither a code nor the supplier's own word."),
        _MAPPING,
        Concerns.DEVELOPER,
    ),
    Reason(
        "validate.code.unknown",
        N_("The code in «{path}» ({found}) is not in the list «{list}»."),
        N_("Check the code in the software; if it is right, the list or the connector's table needs it."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.identifier.wrong_key",
        N_("The control key of the number in «{path}» (system «{system}») is wrong: a digit was mistyped."),
        N_("Compare the number with an official document and correct it in the software."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.identifier.malformed",
        N_("The number in «{path}» ({found}) does not have the form of a number of the system «{system}»."),
        N_("Compare the number with an official document and correct it in the software."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.record.inconsistent",
        N_("What the record says in «{path}» contradicts itself."),
        _CORRECT,
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.record.unjudged",
        N_("Passerelle could not judge this record (technical cause: {cause})."),
        N_("Report it to the maintainers of Passerelle with this code; the record is kept and can be replayed."),
        Concerns.DEVELOPER,
    ),
)

# Doubts about values that have the right form: see `vocabulary.doubts` for what is done with them.
_DOUBTS: tuple[Reason, ...] = (
    Reason(
        "validate.nir.incoherent",
        N_("The NIR in «{path}» contradicts {part} that the record gives in «{other}»."),
        N_("Compare both with an official document: the NIR may be another person's. Correct the wrong one."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.nir.shared",
        N_("One NIR stands for several persons of this delivery."),
        N_("Look for duplicates of a person in the software, or for a NIR that was copied; correct or merge them."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.ref.shared",
        N_("Rows with one identifier tell of different persons (another name or birth date): the last one stays."),
        N_("Check the identifier in the export: it must be the supplier's own number of the person, not a row's."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "validate.postcode.short",
        N_("The French postcode in «{path}» has four digits: a spreadsheet has probably removed its first zero."),
        N_("Format the column as text before exporting; if the address is abroad, give its country."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.postcode.malformed",
        N_("«{path}» ({found}) is no French postcode."),
        N_("Correct it in the software; if the address is abroad, give its country."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.commune.unknown",
        N_("«{path}» ({found}) is no code of a commune: five characters of the official geographic code are expected."),
        N_("Ask the supplier to export the code (INSEE), which is neither the postcode nor the name."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "validate.country.unknown",
        N_("«{path}» ({found}) is no code of a country: two letters (ISO 3166-1) or a code 99… are expected."),
        N_("Ask the supplier to export the code, or map the supplier's words in the connector."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "validate.day.future",
        N_("The day in «{path}» lies too far in the future for what it says."),
        N_("Check the year in the software: two digits are often completed wrongly."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.day.past",
        N_("The day in «{path}» lies too far in the past for what it says."),
        N_("Check the year in the software: two digits are often completed wrongly."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.day.placeholder",
        N_("The day in «{path}» is one that software writes for «unknown» or «no end» (1900, 1970, 2099, 9999)."),
        N_("Leave it empty in the software where it means «unknown»; silence this doubt if it always means «no end»."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "validate.text.placeholder",
        N_("«{path}» holds a word that stands for nothing (NULL, N/A, «?», «néant», «test»…), not a name or a place."),
        N_("Empty it in the software; if the export writes the word, add it to the connector's words for «unknown»."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.text.structured",
        N_("«{path}» holds a list or an object written as a text, not a name or a place."),
        N_("The export has changed its form: tell whoever maintains the connector."),
        Concerns.DEVELOPER,
    ),
)

REASONS: tuple[Reason, ...] = (*_FIELDS, *_DOUBTS)
