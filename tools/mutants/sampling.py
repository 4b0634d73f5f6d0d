"""Which mutations are tried: drawn by a seed, spread over packages and modules by their lines of code."""

from __future__ import annotations

from collections import defaultdict
from random import Random
from typing import TYPE_CHECKING

from operators import count_code_lines, find_mutations, is_program
from tree import SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from operators import Mutation

SLEEPY = 200
"""So many draws in vain mean that nothing is left to draw."""


def draw_mutations(root: Path, *, seed: int, count: int, packages: Iterable[str]) -> list[Mutation]:
    """Draw without putting back: the first sixty of three hundred are the same sixty that were asked for alone.

    A module is drawn by its lines of code inside functions, so that a contract that is only data weighs little; then
    a kind of change, so that frequent kinds do not crowd out the others; then one change of that kind.
    """
    texts = {
        path.relative_to(root).as_posix(): path.read_text("utf-8")
        for package in packages
        for path in sorted((root / SOURCE / package).rglob("*.py"))
    }
    weights = {file: count_code_lines(text) for file, text in texts.items()}
    files = [file for file, weight in weights.items() if weight]
    chance = Random(seed)  # noqa: S311 - which mutations, not which secrets
    choices: dict[str, dict[str, list[Mutation]]] = {}
    drawn: list[Mutation] = []
    in_vain = 0
    while files and len(drawn) < count and in_vain < SLEEPY:
        file = chance.choices(files, [weights[file] for file in files])[0]
        if file not in choices:
            choices[file] = _sort_by_operator(find_mutations(file, texts[file]))
        operators = sorted(name for name, left in choices[file].items() if left)
        in_vain += 1
        if operators:
            left = choices[file][chance.choice(operators)]
            mutation = left.pop(chance.randrange(len(left)))
            if is_program(mutation.apply(texts[file])):
                drawn.append(mutation)
                in_vain = 0
    return drawn


def _sort_by_operator(mutations: list[Mutation]) -> dict[str, list[Mutation]]:
    by_operator = defaultdict(list)
    for mutation in mutations:
        by_operator[mutation.operator].append(mutation)
    return dict(by_operator)
