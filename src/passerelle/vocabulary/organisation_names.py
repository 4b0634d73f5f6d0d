"""What an organisation may be called: its name stands in folders, in a database and in the queue of turns."""

from __future__ import annotations

import re

ORGANISATION_NAME = re.compile(r"[a-z0-9-]{1,40}\Z")
