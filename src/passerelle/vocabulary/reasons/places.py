"""What goes wrong with places that hold files: folders that are away, servers that speak SFTP."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason


def _reason(code: str, says: str, advice: str) -> Reason:
    return Reason(code, says, advice, Concerns.OPERATOR)


REASONS: tuple[Reason, ...] = (
    _reason(
        "incident.folder.away",
        N_("The folder is not there: the share or disk that holds it is away, or its path is wrong."),
        N_(
            "Nothing is lost: the flow goes on by itself once the folder is back. If it was removed on purpose, make "
            "it again; if its path is wrong, correct it in the settings."
        ),
    ),
    _reason(
        "incident.folder.lost",
        N_("The folder or server has been away for {days} days, which is longer than the settings allow."),
        N_(
            "Bring it back, or correct its path in the settings. The flow then goes on by itself, at the next run; "
            "«away_days» says how long it waits before it is suspended."
        ),
    ),
    _reason(
        "incident.sftp.unreachable",
        N_("The SFTP server does not answer, or its name is not known."),
        N_("It is tried again at the next run. If it lasts, check host and port in the settings, and the firewall."),
    ),
    _reason(
        "incident.sftp.unpinned",
        N_("The settings do not say which key the SFTP server has. It shows this one: {shown}. Nothing was sent."),
        N_(
            "Ask those who run the server for its fingerprint, by telephone or in person. If it is the same, write "
            'host_key = "{shown}" into this table, then resume the flow.'
        ),
    ),
    _reason(
        "incident.sftp.host_key",
        N_("The SFTP server shows another key than the settings say: {shown}. We did not log in."),
        N_(
            "Somebody may stand in between. Ask those who run the server whether they changed its key; if so, have "
            "them tell the new fingerprint by telephone, write it into «host_key», then resume the flow."
        ),
    ),
    _reason(
        "incident.sftp.incompatible",
        N_("The SFTP server knows no safe way to encrypt, or speaks another protocol."),
        N_("Ask those who run the server to update it, or check the port in the settings. Then resume the flow."),
    ),
    _reason(
        "incident.place.unreachable",
        N_("The server that holds the files does not answer, or not encrypted (TLS), or its name is not known."),
        N_(
            "It is tried again at the next run. If it lasts, check its address and port in the settings, and the "
            "firewall."
        ),
    ),
    _reason(
        "incident.place.incompatible",
        N_("The server answers something else than the settings expect of it: another protocol, or another folder."),
        N_("Check kind, address and folder in the settings with those who run the server, then resume the flow."),
    ),
    _reason(
        "incident.file.password",
        N_("A file that was dropped does not open with the password of the settings, or is damaged: {file}."),
        N_(
            "Ask whoever drops it for the password, put it where «zip_password» looks, then resume the flow. If the "
            "file is damaged, take it away."
        ),
    ),
    _reason(
        "incident.file.key",
        N_("A file that was dropped does not open with the key of the settings, or is damaged: {file}."),
        N_(
            "Give our public key to whoever drops it, or put the right private one where «pgp_key» looks, then resume "
            "the flow. If the file is damaged, take it away."
        ),
    ),
    _reason(
        "settings.pgp.key",
        N_("What stands behind «pgp_key» is no private key of OpenPGP, or asks for a passphrase."),
        N_(
            "Make a key for this flow alone, without a passphrase, let only the account that runs passerelle read it, "
            "and give its public half to whoever drops the files."
        ),
    ),
    _reason(
        "settings.pgp.no_library",
        N_("This flow opens files of OpenPGP, which needs the Python package «pysequoia»; it is not installed."),
        N_("Install passerelle-social[pgp]."),
    ),
    _reason(
        "settings.zip.no_library",
        N_("This flow opens zips with a password, which needs the Python package «pyzipper»; it is not installed."),
        N_("Install passerelle-social[zip]."),
    ),
    _reason(
        "incident.mail.too_big",
        N_("A mail in the mailbox is bigger than what is read of one (64 MiB). It was left where it is."),
        N_("Take it out of the mailbox, and ask its sender for a smaller file, or for another way."),
    ),
    _reason(
        "settings.sftp.key",
        N_("What stands behind «key» is no private key, or asks for a passphrase."),
        N_(
            'Make a key for this flow alone, without a passphrase (ssh-keygen -t ed25519 -N ""), let only the account '
            "that runs passerelle read it, and give its public half to those who run the server."
        ),
    ),
    _reason(
        "settings.sftp.no_library",
        N_("This flow speaks SFTP, which needs the Python package «asyncssh»; it is not installed."),
        N_("Install passerelle-social[sftp]."),
    ),
    _reason(
        "settings.s3.no_library",
        N_("This flow speaks S3, which needs the Python package «botocore»; it is not installed."),
        N_("Install passerelle-social[s3]."),
    ),
)
