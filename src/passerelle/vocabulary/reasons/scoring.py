"""What is wrong with a sample in the eyes of a tender, and why a score cannot be given or compared."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason


def _reason(code: str, says: str, advice: str, concerns: Concerns = Concerns.OPERATOR) -> Reason:
    return Reason(code, says, advice, concerns)


REASONS: tuple[Reason, ...] = (
    _reason(
        "tender.field.empty",
        N_("The tender asks for «{path}» on every record, and these have none."),
        N_("Fill the column in on each row of the export, or check that the software asks for it."),
        Concerns.SUPPLIER,
    ),
    _reason(
        "tender.code.unlisted",
        N_("The values of «{path}» have no code of the list «{list}»: only the supplier's own words."),
        N_("Give the table that leads from these words to the list."),
        Concerns.SUPPLIER,
    ),
    _reason(
        "tender.key.repeated",
        N_("The value of «{path}» was met before: it should name one record only."),
        N_("Export the identifier that the software itself uses, or leave out rows that come twice."),
        Concerns.SUPPLIER,
    ),
    _reason(
        "tender.field.unwanted",
        N_("The tender asks that «{path}» is not sent, and these records have it."),
        N_("Take the column out of the export: none of the purposes needs it."),
        Concerns.SUPPLIER,
    ),
    _reason(
        "tender.column.outside",
        N_("The column holds values, and no field of the contract carries it."),
        N_("Leave the column out of the export, or say what it is for: it may be a field that the mapping lacks."),
        Concerns.SUPPLIER,
    ),
    _reason(
        "tender.record.not_returned",
        N_("Written as the supplier writes it and read again, «{path}» is no longer the same."),
        N_("Complete the description of the layout in both directions, or add the column that is missing."),
        Concerns.DEVELOPER,
    ),
    _reason(
        "usage.sample.unrecognised",
        N_("The sample «{file}» is neither in the form of a contract nor in a layout that is known here."),
        N_("Name its connector (--connector), describe its columns (--mapping), or fill in a template of the kit."),
    ),
    _reason(
        "usage.sample.tied",
        N_("The sample «{file}» is read equally well by several connectors: {connectors}."),
        N_("Name the right one alone (--connector), or describe the columns that tell these files apart (--mapping)."),
    ),
    _reason(
        "usage.samples.none",
        N_("There is no sample in «{folder}»."),
        N_("Put the bidder's files there, or name them one by one. Descriptions (.toml) and notes (.md) do not count."),
    ),
    _reason(
        "usage.waivers.malformed",
        N_("The decisions of «{file}» cannot be read: {defect}."),
        N_("Each is a table [[derogation]] or [[sans_objet]] with exigence, raison, par, jour (a date)."),
    ),
    _reason(
        "usage.grid.unrecognised",
        N_("No sheet of «{file}» is the answer grid of this tender."),
        N_("Give the grid that came with the tender, filled in; its numbers and headings must stay as they are."),
    ),
    _reason(
        "usage.member.name",
        N_("«{file}» cannot name a member."),
        N_("Name the file with lower-case letters, digits and hyphens: «les-tilleuls.toml»."),
    ),
    _reason(
        "settings.member.less",
        N_("This member asks for less than the common core: {names}."),
        N_("Take the requirement out of the core, or leave it here as it is there: a member may only ask for more."),
    ),
    _reason(
        "settings.member.contract",
        N_("This member asks for contracts that the common core does not have: {names}."),
        N_("Add them to the core: bidders hand in one sample for all."),
    ),
    _reason(
        "usage.prices.malformed",
        N_("The prices of «{file}» cannot be read: {defect}."),
        N_("Each is a table [[offre]] with candidat, montant, and if need be ecarts and source."),
    ),
    _reason(
        "usage.prices.stranger",
        N_("«{file}» has a price for «{name}», who is not among the bidders compared."),
        N_("Write the name as --bidder gave it, or take this price out."),
    ),
    _reason(
        "usage.prices.twice",
        N_("«{file}» has two prices for «{name}»."),
        N_("Keep the one that counts."),
    ),
    _reason(
        "usage.prices.unreadable_line",
        N_("Line {id} of the price schedule is to be corrected: {columns}."),
        N_("Write an amount without tax (12000.50; 0 when it is included), and name what a line of one's own is for."),
    ),
    _reason(
        "usage.prices.faulty",
        N_("The price schedule of «{file}» cannot be read. Lines to correct: {count}."),
        N_("Correct them all in the sheet, and give the command again: nothing was scored."),
    ),
    _reason(
        "usage.findings.unrecognised",
        N_("«{file}» has no sheet for the findings of this tender's buyer."),
        N_("Take the grid that «passerelle score --output» writes, and note in its second sheet."),
    ),
    _reason(
        "usage.findings.incomplete",
        N_("The finding about {id} is to be completed or corrected: {columns}."),
        N_("Give a note from 0 to 4, what it rests on and which, who noted, and the day (2026-11-21)."),
    ),
    _reason(
        "usage.findings.faulty",
        N_("«{file}» cannot be taken over as it is. Findings to correct: {count}."),
        N_("Correct them all in the sheet, and give the command again: nothing was scored."),
    ),
    _reason(
        "usage.findings.same_person",
        N_("The finding about {id} was noted twice by the same person."),
        N_("A second note is another person's: give her name, or take the note out."),
    ),
    _reason(
        "usage.requirement.unknown",
        N_("The tender has no requirement «{id}»."),
        N_("Take the number as the grid writes it."),
    ),
    _reason(
        "usage.score.unreadable",
        N_("«{file}» is not a score that can be read: {defect}."),
        N_("Give the score.json that «passerelle score» wrote, or its folder."),
    ),
    _reason(
        "usage.scores.incomparable",
        N_("These scores cannot be compared: {difference}."),
        N_("Score every sample again against the same tender, with the same edition of Passerelle."),
    ),
    _reason(
        "usage.scores.few",
        N_("A comparison takes at least two scores."),
        N_("Name two score.json or more, or their folders, after --compare."),
    ),
    _reason(
        "usage.tender.other_contracts",
        N_("The tender asks for other editions of {contracts} than those of this installation."),
        N_("Use the edition of Passerelle that the tender was built with, or build the tender again."),
    ),
)
