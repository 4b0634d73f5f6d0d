"""Why an archive could not be opened."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

SEND_AGAIN = N_("Check that the file arrived whole, that it is the right export, then send it again.")
"""What to do where a file may have been cut short, or be another one."""
_SAFE_ARCHIVE = N_("Do not open it by hand. Ask who sent it for a plain archive that holds only the expected files.")
FEWER = N_("Ask the supplier to split the export, or to leave out what is not needed.")
"""What to do where there is too much of it."""

ARCHIVES: tuple[Reason, ...] = (
    Reason(
        "decode.archive.broken",
        N_("The archive cannot be read."),
        SEND_AGAIN,
        Concerns.ORGANISATION,
    ),
    Reason(
        "decode.archive.empty",
        N_("The archive holds no file."),
        SEND_AGAIN,
        Concerns.ORGANISATION,
    ),
    Reason(
        "decode.archive.too_many_entries",
        N_("The archive has more than {limit} entries."),
        _SAFE_ARCHIVE,
        Concerns.ORGANISATION,
    ),
    Reason(
        "decode.archive.too_big",
        N_("What the archive holds is bigger than {limit} bytes."),
        FEWER,
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.archive.bomb",
        N_("An entry of the archive is compressed more than a hundred times, as in an attack."),
        _SAFE_ARCHIVE,
        Concerns.OPERATOR,
    ),
    Reason(
        "decode.archive.overlap",
        N_("Entries of the archive overlap or have the same name, as in an attack."),
        _SAFE_ARCHIVE,
        Concerns.OPERATOR,
    ),
    Reason(
        "decode.archive.name",
        N_("An entry of the archive has a name that points outside it."),
        _SAFE_ARCHIVE,
        Concerns.OPERATOR,
    ),
    Reason(
        "decode.archive.link",
        N_("An entry of the archive is a link or a device, not a file."),
        _SAFE_ARCHIVE,
        Concerns.OPERATOR,
    ),
    Reason(
        "decode.archive.nested",
        N_("There is an archive in the archive."),
        N_("Send the files in one archive only."),
        Concerns.ORGANISATION,
    ),
)
