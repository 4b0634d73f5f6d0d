"""Read an API from saved exchanges as a run reads it: through the flow's own source, with a simulated clock."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from passerelle.engine.adapters import flow_adapters as adapters
from passerelle.engine.settings.endpoint_settings import ApiSourceSettings
from passerelle.engine.settings.setting_values import CredentialSettings
from passerelle.extension.plugins import Plugins
from passerelle.testing.player import SECRET, TOKEN_PATH, Player, serve_locally
from passerelle.vocabulary.errors import TransientError
from passerelle.vocabulary.looks import LookReport
from passerelle.vocabulary.ports import ReportingSource
from passerelle.vocabulary.safe_files import write_new

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.testing.exchanges import Recording
    from passerelle.vocabulary.ports import Source

NOON = datetime(2024, 11, 4, 12, tzinfo=UTC)
_TRIPS = 5
"""Runs after which an API that recovered must have been read."""


@dataclass(slots=True)
class PlaybackClock:
    """A clock that moves only when somebody sleeps, and counts how long they did."""

    time: datetime = NOON
    slept: float = 0.0

    def now(self) -> datetime:
        """Return the present moment."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Advance the clock at once."""
        self.slept += seconds
        self.time += timedelta(seconds=seconds)


@dataclass(slots=True)
class CollectedPages:
    """The pages read so far, as the journal would know them."""

    pages: dict[str, bytes] = field(default_factory=dict, repr=False)
    """By digest, in order: the same bytes again are nothing new."""
    cursor: str = field(default="", repr=False)
    waits: list[TransientError] = field(default_factory=list)
    """What made a run wait for the next one."""


@dataclass(frozen=True, slots=True)
class Playback:
    """A played API and the source that reads from it."""

    player: Player
    source: Source
    clock: PlaybackClock
    entry: ApiSourceSettings = field(repr=False)
    """What a flow would say of this source."""

    def list_defects(self) -> tuple[str, ...]:
        """Return the codes of what the source says against its last look."""
        report = self.source.report if isinstance(self.source, ReportingSource) else LookReport()
        return tuple(defect.code for defect in report.defects)

    def read(self, reading: CollectedPages | None = None, *, pages: int = 0) -> CollectedPages:
        """Read to the end, as often as runs would; or, as if killed then, only so many pages.

        Raises what the source raises, but for what makes a run wait.
        """
        reading = reading or CollectedPages()
        for _trip in range(_TRIPS):
            try:
                for count, arrival in enumerate(self.source.iter_arrivals(reading.cursor), 1):
                    with arrival.open() as stream:
                        content = stream.read()
                    reading.pages.setdefault(sha256(content).hexdigest(), content)
                    reading.cursor = arrival.cursor or reading.cursor
                    if count == pages:
                        break
            except TransientError as error:
                reading.waits.append(error)
            else:
                return reading
        raise reading.waits[-1]


def use_local_tokens(plugins: Plugins, connector_id: str) -> Plugins:
    """Let a connector whose supplier hands out tokens elsewhere get them from the local server."""
    supplier, connector, info = plugins.find_connector(connector_id)
    if "://" in connector.access.token_path:
        connector = replace(connector, access=replace(connector.access, token_path=TOKEN_PATH))
    return Plugins((info,), (supplier,), {connector_id: (supplier, connector, info)})


@contextmanager
def make_secret_files() -> Iterator[dict[str, str]]:
    """Yield references to a file with an invented secret, for every kind of credential."""
    with TemporaryDirectory(prefix="passerelle-") as folder:
        secret = Path(folder) / "secret"
        write_new(secret, SECRET)
        yield dict.fromkeys(CredentialSettings.model_fields, f"file:{secret}")


@contextmanager
def open_playback(recording: Recording, plugins: Plugins) -> Iterator[Playback]:
    """Run a player behind a local server, and open the source that a flow of this connector would open."""
    _supplier, connector, info = use_local_tokens(plugins, recording.connector).find_connector(recording.connector)
    player, clock = Player(recording, connector.access), PlaybackClock()
    with serve_locally(player) as address, make_secret_files() as secrets:
        # Saved exchanges hold what was asked from the beginning: a look that is set back would ask for something else.
        about = {"kind": "api", "base_url": address, "settings": dict(recording.settings), "overlap": 0, **secrets}
        entry = ApiSourceSettings.model_validate(about)
        yield Playback(player, adapters.open_source(entry, connector, info, clock), clock, entry)
