"""Change the code a little, many times, and see whether a test notices: `make mutants`, long, and not part of CI.

Why not a library. mutmut (3.8.1, BSD, October 2026) leaves every decorated function alone, properties and validators
with them, forks processes in which polars has started its threads, and has no draw by seed. cosmic-ray (8.7.0, MIT,
August 2026) asks the whole test command of every mutation: it does not know which test reaches which line, and it draws
by rate without a seed. With several thousand tests and two cores, the choice of tests is the whole matter.

The report is for reading: the exit code is 0 whatever survives.
"""

from __future__ import annotations

import argparse
import queue
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent))

from answers import read_answers
from reach import collect_reach
from report import Findings, to_json, to_text
from sampling import draw_mutations
from tree import PACKAGES, ROOT, copy_tree
from trying import try_mutation

if TYPE_CHECKING:
    from answers import Answers
    from operators import Mutation
    from reach import Reach
    from trying import Outcome

KEPT = ROOT / ".mutants"
"""What a run leaves: the reach of the tests, and its report; git ignores it."""
ANSWERS = ROOT / "tools" / "mutants.toml"


def main() -> None:
    """Draw, collect, try, report."""
    asked = _read_arguments()
    answers = read_answers(ANSWERS)
    drawn = draw_mutations(ROOT, seed=asked.seed, count=asked.count, packages=asked.only)[asked.skip :]
    reach = collect_reach(ROOT, KEPT / "reach.json", jobs=asked.jobs, slow=asked.slow, under=tuple(asked.tests))
    findings = _try_all(drawn, reach, answers, jobs=asked.jobs, budget=asked.budget)
    KEPT.mkdir(exist_ok=True)
    (KEPT / "report.json").write_text(to_json(findings, seed=asked.seed, count=asked.count), "utf-8")
    print(to_text(findings))
    print(f"\nAs JSON: {(KEPT / 'report.json').relative_to(ROOT)}")


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mutants", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=1, help="which mutations are drawn")
    parser.add_argument("--count", type=int, default=300, help="how many")
    parser.add_argument("--skip", type=int, default=0, help="leave out the first ones of the draw")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once")
    parser.add_argument("--only", nargs="+", default=PACKAGES, choices=PACKAGES, help="packages")
    parser.add_argument("--tests", nargs="+", default=[""], help="ask only test files under these folders")
    parser.add_argument("--slow", action="store_true", help="ask tests marked slow, too")
    parser.add_argument("--budget", type=float, default=120.0, help="seconds of tests that one mutation may cost")
    return parser.parse_args()


def _try_all(drawn: list[Mutation], reach: Reach, answers: Answers, *, jobs: int, budget: float) -> Findings:
    answered = [(one, why) for one in drawn if (why := answers.find_reason(one)) is not None]
    open_ones = [one for one in drawn if answers.find_reason(one) is None]
    waiting: queue.SimpleQueue[tuple[int, Mutation]] = queue.SimpleQueue()
    for place in enumerate(open_ones):
        waiting.put(place)
    outcomes: dict[int, Outcome] = {}
    broken: list[BaseException] = []

    def work() -> None:
        try:
            with tempfile.TemporaryDirectory(prefix="mutants-", ignore_cleanup_errors=True) as folder:
                tree = copy_tree(ROOT, Path(folder).resolve())
                while not broken:
                    place, mutation = waiting.get_nowait()
                    outcomes[place] = outcome = try_mutation(tree, mutation, reach, budget=budget)
                    _print_progress(outcome, len(outcomes), len(open_ones))
        except queue.Empty:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again by the main thread, which waits for this one
            broken.append(error)

    threads = [threading.Thread(target=work) for _job in range(jobs)]
    for thread in threads:
        thread.start()
    _wait_for(threads, broken)
    ordered = [outcomes[place] for place in sorted(outcomes)]
    return Findings(ordered, answered, answers.list_stale(ROOT), reach.failed)


def _wait_for(threads: list[threading.Thread], broken: list[BaseException]) -> None:
    """Wait until everything was tried; when somebody interrupts, until what is being tried ends."""
    try:
        for thread in threads:
            thread.join()
    except KeyboardInterrupt as stop:
        broken.append(stop)
        for thread in threads:
            thread.join()
    if broken and not isinstance(broken[0], KeyboardInterrupt):
        raise broken[0]


def _print_progress(outcome: Outcome, done: int, whole: int) -> None:
    place = f"{outcome.mutation.file}:{outcome.mutation.line}"
    print(f"{done:>4}/{whole} {outcome.verdict:<9} {place}  {outcome.mutation.change[:90]}", flush=True)


if __name__ == "__main__":
    main()
