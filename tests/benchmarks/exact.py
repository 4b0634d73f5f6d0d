"""The `passerelle` command with its exact readers of documents alone: those it had before there were quick ones.

python exact.py check FILE …
"""

from __future__ import annotations

from passerelle.faces.cli import main as command
from passerelle.stages.decode import documents, elements

NEVER = 1 << 60

if __name__ == "__main__":
    # both names stand for the size from which on a document is worth the quick reader
    documents.QUICK = elements.QUICK = NEVER
    command.main()
