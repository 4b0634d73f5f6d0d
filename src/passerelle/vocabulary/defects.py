"""What is wrong with the description of a connector, whoever wrote it: in Python, or in TOML."""

from __future__ import annotations

from passerelle.vocabulary.language import _


class DefectError(ValueError):
    """A description that cannot be: arguments that do not go together, a format nobody can read.

    `sentence` is an English message id marked for the catalogue: the same description is checked for a developer, whose
    trace is in English, and for the person who writes TOML, who reads `explain`. `facts` fill it in: words of the
    description, never of a record.
    """

    def __init__(self, sentence: str, **facts: str) -> None:
        super().__init__(sentence.format(**facts))
        self.sentence = sentence
        self.facts = facts

    def explain(self, **facts: str) -> str:
        """Return the sentence in the reader's language; `facts` replace those of the same name."""
        return _(self.sentence).format(**self.facts | facts)
