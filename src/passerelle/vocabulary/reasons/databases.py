"""What is wrong with the database of a flow, its source or its destination, and what to correct."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "incident.flow_database.credentials",
        N_("The database server refuses our account or its password (its code: {sqlstate})."),
        N_(
            "Correct the name and the password in the address behind «url», or have the server admit this account from "
            "this machine, then resume the flow."
        ),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.flow_database.absent",
        N_("The server has no database of the name that the address gives (its code: {sqlstate})."),
        N_("Correct the name in the address behind «url», or have the database created, then resume the flow."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.flow_database.right",
        N_("Our account lacks a right in the database (its code: {sqlstate})."),
        N_(
            "Have it granted: for a destination, to create, read and change tables, and to create views where «views» "
            "asks for them; for a source, to read what the query reads. Then resume the flow."
        ),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.flow_database.host",
        N_("No host has the name that the address of the database gives."),
        N_(
            "Correct the host in the address behind «url», or connect this machine to its network, "
            "then resume the flow."
        ),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.flow_database.untrusted",
        N_("The certificate of the database server is not trusted: expired, of another name, of an unknown authority."),
        N_(
            "Name the certificate of its authority in the address (sslrootcert=…; for MySQL, ssl_ca=…), or ask for a "
            "valid one, then resume the flow."
        ),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.flow_database.in_clear",
        N_("The database server does not encrypt: personal data would travel in clear."),
        N_(
            "Have encryption switched on at the server. On a network that nobody else can listen to, the address may "
            "say otherwise (sslmode=…; for MySQL, ssl_mode=…). Then resume the flow."
        ),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.flow_database.file",
        N_("The database file cannot be opened or written to: it is absent, or the rights are missing."),
        N_("Check the path and the rights of the file and of its folder, then resume the flow."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.flow_database.damaged",
        N_("The database file is no SQLite database, or it is damaged."),
        N_("Check the path in the flow's settings, or put the file back from its backup, then resume the flow."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.flow_database.driver",
        N_("What talks to a {kind} database is not installed."),
        N_("Install passerelle-social[{extra}], then run again; on Linux, SQL Server needs unixODBC as well."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.flow_database.odbc",
        N_("The ODBC driver that the address names is not installed on this machine (its code: {sqlstate})."),
        N_(
            "Install Microsoft's «ODBC Driver 18 for SQL Server», or name the one that is there in the address "
            "(driver=…), then resume the flow."
        ),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.flow_database.address",
        N_("The address of the database holds a word that its driver does not know."),
        N_("Correct what stands behind the «?» in the address behind «url», then resume the flow."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.flow_database.certificate_file",
        N_("A certificate or key that the address of the database names cannot be read."),
        N_("Correct «ssl_ca», «ssl_cert» and «ssl_key» in the address, or the rights of the files, then run again."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.source.unreachable",
        N_("The source database cannot be reached, or is busy."),
        N_("Nothing to do now: it is asked again at the next run. If it lasts, check that its server runs."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.query.refused",
        N_("The source database refuses the query (its code: {sqlstate})."),
        N_("Try the query at the database itself, correct it in the settings, then resume the flow."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.query.unreadable",
        N_("The file «{name}», which holds the query, cannot be read as text."),
        N_("Check its path and its rights, and that it is UTF-8, then resume the flow."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.query.not_one_select",
        N_("The query is not one SELECT statement."),
        N_("Write one SELECT statement that changes nothing, then resume the flow."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.query.slow",
        N_("The query took longer than {seconds} seconds."),
        N_("It is tried again at the next run. If it lasts, narrow the query, have an index made, or raise «timeout»."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.query.oversized",
        N_("The query returns more than {rows} rows, or more than 4 GiB. Nothing of it was taken."),
        N_("Narrow it, have it go on from a column with «cursor», or raise «most_rows», then resume the flow."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.query.untextual",
        N_("The column «{column}» of the query holds something that has no text ({type})."),
        N_("Leave it out of the query, or have the database make a text of it (CAST …), then resume the flow."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.query.no_cursor",
        N_("The query returns no column «{column}», from which it should go on."),
        N_("Name it in the query exactly as in «cursor», capitals included, then resume the flow."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.query.unordered",
        N_("The cursor column of the query holds no moments and no whole numbers, or «overlap» is not of its kind."),
        N_(
            "Name a moment, a day, a number or a text that grows in «cursor»; an overlap is a duration for moments "
            "and a number for numbers. Then resume the flow."
        ),
        Concerns.OPERATOR,
    ),
    Reason(
        "settings.query.many_tables",
        N_("The connector «{connector}» reads several tables, and a query returns one."),
        N_("Make a flow for each, with a connector that reads that table alone."),
        Concerns.OPERATOR,
    ),
    Reason(
        "settings.query.not_whole",
        N_("The source of the flow «{flow}» has «cursor» and «whole»: a look holds only what is new, not everything."),
        N_("Take one of the two out of the settings."),
        Concerns.OPERATOR,
    ),
)
