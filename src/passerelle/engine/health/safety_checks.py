"""Examines what keeps others out: secrets of messages, addresses of databases, the key, rights of folders."""

from __future__ import annotations

import itertools
import os
import stat
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from passerelle.edges.channels.open_telemetry import has_library
from passerelle.edges.sources.inbox import MIN_SECRET
from passerelle.engine.health.findings import HealthFinding, Severity
from passerelle.engine.runs.receiving import find_shared_secrets
from passerelle.engine.settings.endpoint_settings import DatabaseDestinationSettings, InboxSourceSettings
from passerelle.engine.settings.place_settings import (
    FileSourceSettings,
    FolderSourceSettings,
    LockedFileSettings,
    RemotePlaceSettings,
)
from passerelle.engine.settings.query_sources import SqlSourceSettings
from passerelle.engine.settings.secrets import Secret, resolve
from passerelle.engine.settings.setting_values import CredentialSettings
from passerelle.engine.workspace.key_places import find_key_places
from passerelle.vocabulary.errors import SettingsError
from passerelle.vocabulary.formatting import format_labelled
from passerelle.vocabulary.language import _, translate_plural
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.engine.settings.notify_settings import NotifySettings
    from passerelle.engine.settings.workspace_settings import Flow, Settings


def examine_message_secrets(settings: Settings) -> Iterator[HealthFinding]:
    """Look at the secrets of pushed messages that can be had: each long enough, and of one flow."""
    secrets = {
        flow.name: [
            secret.reveal() for reference in (entry.secret, entry.previous_secret) if (secret := _try(reference))
        ]
        for flow in settings.flows.values()
        if isinstance(entry := flow.source, InboxSourceSettings) and flow.enabled
    }
    for name, own in secrets.items():
        if any(len(secret) < MIN_SECRET for secret in own):
            says, advice = explain("settings.secret.short", {"least": str(MIN_SECRET)})
            yield HealthFinding(Severity.WRONG, format_labelled(name, says), advice)
    if shared := find_shared_secrets(secrets):
        says, advice = explain("settings.secret.shared", {"flows": ", ".join(shared)})
        yield HealthFinding(Severity.WRONG, says, advice)


def examine_database_addresses(settings: Settings) -> Iterator[HealthFinding]:
    """Look whether the server of each database is verified, where its address can be had and read."""
    from sqlalchemy import make_url  # noqa: PLC0415  kept out of start-up
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415  see above

    from passerelle.edges.databases.server_kinds import find_kind  # noqa: PLC0415  see above

    entries = [(flow, entry) for flow in settings.flows.values() for entry in (flow.source, flow.destination)]
    for flow, entry in entries:
        if not isinstance(entry, DatabaseDestinationSettings | SqlSourceSettings) or not isinstance(entry.url, str):
            continue
        secret = _try(entry.url)
        try:
            url = make_url(secret.reveal()) if secret else None
        except (ArgumentError, ValueError):
            continue  # that it is no address is told when the destination is opened
        kind = find_kind(url) if url else None
        if url and kind and not kind.is_verified(url):
            says = _("{flow}: the database server is not verified: somebody in between could read what goes there")
            advice = _("Take {word} out of its address: the server must then encrypt and prove who it is.")
            yield HealthFinding(Severity.DOUBTFUL, says.format(flow=flow.name), advice.format(word=kind.word))


def examine_secrets(settings: Settings) -> Iterator[HealthFinding]:
    """Resolve every reference to a secret, of sources, destinations, webhooks and databases; each is tried."""
    resolved = 0
    for flow in settings.flows.values():
        for reference in _list_references(flow):
            try:
                resolve(reference)
                resolved += 1
            except SettingsError as error:
                says, advice = explain(error.code, error.words)
                severity = Severity.WRONG if flow.enabled else Severity.DOUBTFUL
                yield HealthFinding(severity, format_labelled(flow.name, says), advice)
            else:
                yield from _examine_file_rights(flow.name, reference)
    told = [("notify", reference) for reference in _list_channel_references(settings.notify)]
    told += [("metrics", reference) for reference in settings.metrics.headers.values()]
    told += [("web", reference) for reference in _list_web_references(settings)]
    # that nothing can be done without these is told where database and depot are opened
    store = settings.shared.store.references if settings.shared.store else ()
    told += [("passerelle", each) for each in (settings.shared.journal, settings.shared.keyring, *store) if each]
    for label, reference in told:
        if _try(reference) is None:
            says, advice = explain("settings.secret.absent", {"reference": reference})
            # a run does its work without telling anybody
            yield HealthFinding(Severity.DOUBTFUL, format_labelled(label, says), advice)
        else:
            resolved += 1
            yield from _examine_file_rights(label, reference)
    yield from _examine_collector(settings)
    if resolved:
        words = translate_plural("{count} reference leads to a secret", "{count} references lead to a secret", resolved)
        yield HealthFinding(Severity.GOOD, words.format(count=resolved))
    elif not list_references(settings):
        yield HealthFinding(Severity.GOOD, _("the settings name none"))


def _examine_collector(settings: Settings) -> Iterator[HealthFinding]:
    """Look whether figures can be written; a run does its work without sending any."""
    if settings.metrics.endpoint is not None and not has_library():
        says, advice = explain("settings.metrics.no_library", {})
        yield HealthFinding(Severity.DOUBTFUL, format_labelled("metrics", says), advice)


def list_references(settings: Settings) -> list[str]:
    """Return every reference to a secret that the settings hold, each once."""
    found = [reference for flow in settings.flows.values() for reference in _list_references(flow)]
    found += [*_list_channel_references(settings.notify), *settings.metrics.headers.values()]
    found += _list_web_references(settings)
    found += filter(None, (settings.shared.journal, settings.shared.keyring))
    found += filter(None, settings.shared.store.references if settings.shared.store else ())
    return list(dict.fromkeys(found))


def _list_references(flow: Flow) -> list[str]:
    """Return every reference to a secret of a flow, each once."""
    found: list[str | None] = []
    for adapter in (flow.source, flow.destination):
        if isinstance(adapter, LockedFileSettings):
            found += [adapter.zip_password, adapter.pgp_key]
        if isinstance(adapter, CredentialSettings):
            found += [getattr(adapter, name) for name in CredentialSettings.model_fields]
        elif isinstance(adapter, RemotePlaceSettings):
            found += adapter.references
        elif isinstance(adapter, InboxSourceSettings):
            found += [adapter.secret, adapter.previous_secret]
        elif isinstance(adapter, DatabaseDestinationSettings | SqlSourceSettings) and isinstance(adapter.url, str):
            found.append(adapter.url)
    return list(dict.fromkeys(reference for reference in found if reference))


def _list_channel_references(notify: NotifySettings) -> list[str]:
    """Return every reference to a secret of the channels over which people are told."""
    found = [notify.mail.username, notify.mail.password] if notify.mail else []
    found += [notify.webhook.url] if notify.webhook else []
    return [reference for reference in found if reference]


def _list_web_references(settings: Settings) -> list[str]:
    """Return the reference to the secret by which the provider of identities knows us."""
    oidc = settings.web.oidc
    return [oidc.client_secret] if oidc is not None and oidc.client_secret else []


def _try(reference: str | None) -> Secret | None:
    """Return a secret, None when there is none: that is told by `examine_secrets`."""
    try:
        return resolve(reference) if reference else None
    except SettingsError:
        return None


def _examine_file_rights(flow: str, reference: str) -> Iterator[HealthFinding]:
    """Look whether other accounts may read the file that holds a secret."""
    scheme, _colon, rest = reference.partition(":")
    if scheme == "file" and _find_rights(Path(rest)) & (stat.S_IRGRP | stat.S_IROTH):
        says = _("{flow}: other accounts of this machine may read the secret in «{name}»")
        words = says.format(flow=flow, name=Path(rest).name)
        yield HealthFinding(Severity.DOUBTFUL, words, _("Take their rights away (chmod go= …)."))


def examine_sharing(settings: Settings) -> Iterator[HealthFinding]:
    """Look whether two flows take their files from one folder, or write into one file or table."""
    flows = [flow for flow in settings.flows.values() if flow.enabled]
    for first, second in itertools.combinations(flows, 2):
        one, other = first.source, second.source
        if isinstance(one, FileSourceSettings) and isinstance(other, FileSourceSettings):
            takes = "keep" not in (one.after, other.after)
            if _find_spot(one) == _find_spot(other) and takes and _may_overlap(one.glob, other.glob):
                says = _("{flows}: two flows take files away from the folder «{folder}»; each file reaches one of them")
                words = says.format(flows=f"{first.name}, {second.name}", folder=PurePath(_find_spot(one)[-1]).name)
                yield HealthFinding(
                    Severity.DOUBTFUL, words, _('Give each its own folder or «glob», or «after = "keep"».')
                )


def _find_spot(source: FileSourceSettings) -> tuple[str, ...]:
    """Return the folder of a source, comparable with those of others."""
    if isinstance(source, FolderSourceSettings):
        return ("folder", str(source.path.resolve()))
    return source.spot if isinstance(source, RemotePlaceSettings) else ()


def _may_overlap(one: str, other: str) -> bool:
    """Whether a file may match both patterns: told by their ends, which is where `glob`s of one folder differ."""
    ends = [pattern.lower().rpartition("*")[2] for pattern in (one, other)]
    starts = [pattern.lower().partition("*")[0] for pattern in (one, other)]
    return (ends[0].endswith(ends[1]) or ends[1].endswith(ends[0])) and (
        starts[0].startswith(starts[1]) or starts[1].startswith(starts[0])
    )


def examine_key_place(settings: Settings) -> Iterator[HealthFinding]:
    """Look whether key or keyring lie beside what they open: a copy of the folder would then open itself."""
    for path in find_key_places(settings).inside:
        says = _("the key «{name}» lies in the state folder: whoever copies that folder can open what is in it")
        setting = "key_file" if path == settings.key_file else "keyring"
        advice = _("Move it elsewhere, name it with «{setting}» in the settings, and keep its backup apart.")
        yield HealthFinding(Severity.DOUBTFUL, says.format(name=path.name), advice.format(setting=setting))


def examine_folder_rights(settings: Settings) -> Iterator[HealthFinding]:
    """Look whether any account can put something into a folder, or take it away: it would come in, or not arrive."""
    for flow in settings.flows.values():
        for adapter in (flow.source, flow.destination):
            if adapter.kind != "folder" or not adapter.path.is_dir():
                continue
            if _find_rights(adapter.path) & stat.S_IWOTH:
                says = _("{flow}: any account of this machine can change what is in the folder «{folder}»")
                advice = _("Take their rights away (chmod o-w …).")
                words = says.format(flow=flow.name, folder=adapter.path.name)
                yield HealthFinding(Severity.DOUBTFUL, words, advice)


def _find_rights(path: Path) -> int:
    """Return the rights of a file or folder; none on Windows, where access lists decide."""
    return stat.S_IMODE(path.stat().st_mode) if os.name == "posix" and path.exists() else 0
