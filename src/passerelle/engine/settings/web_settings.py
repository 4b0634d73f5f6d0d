"""The table `[web]` of `passerelle.toml`: who may come to the workbench, and how."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictBool

from passerelle.engine.settings.setting_values import SettingsTable


class WebSettings(SettingsTable):
    """The workbench: by default it is for whoever sits at this machine, and nothing is open to others."""

    sign_in: Literal["local", "accounts"] = "local"
    """By a link that is written where it was started, or with accounts."""
    public_url: Annotated[str, Field(pattern=r"^https://[a-z0-9.-]+(?::\d{1,5})?$", max_length=200)] | None = None
    """Under which name browsers ask for it; in front of it stands a server that speaks TLS."""
    public_check: StrictBool = False
    """Whether files may be checked without an account, by suppliers."""
    four_eyes: StrictBool = False
    """Whether a correction of one row is released by somebody else than who wrote it."""

    @property
    def host(self) -> str:
        """Return the name of the public address; empty without one."""
        return (self.public_url or "").removeprefix("https://")
