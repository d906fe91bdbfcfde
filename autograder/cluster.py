"""Verdicts made by a dask.distributed cluster: `--scheduler tcp://...`.

What runs there is a function of bytes, `verdict_json`, so that a worker that is lost costs nothing:
the scheduler gives its work to another. Everything that is written is written here.
"""

import json
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from autograder.build import write_if_changed
from autograder.isolation import sandbox
from autograder.submission import Cell, Unreadable, rebuild, template_of
from autograder.verdict import code_digest, result_key, verdict

if TYPE_CHECKING:
    from autograder.grading import Submission

PATIENCE = 20  # seconds until the scheduler has answered
AHEAD = 4  # submissions sent for each thread of the cluster
_one_at_a_time = threading.Lock()  # a worker's threads take turns: the judge counts CPU time


def cells_of(content: bytes, release: bytes) -> list[Cell]:
    """What is judged: the learner's answers in the released notebook; of no notebook, none."""
    try:
        return rebuild(template_of(release), content)
    except Unreadable:
        return list(template_of(release))


def verdict_json(content: bytes, release: bytes, seed: int) -> bytes:
    """The verdict on a submitted file, as JSON: a function of bytes, which runs on a worker."""
    with _one_at_a_time:
        return json.dumps(verdict(cells_of(content, release), seed), indent=1).encode()


def judged_by(address: str, submissions: Sequence["Submission"]) -> "Iterator[Submission]":
    """The submissions, each as soon as its verdict is stored where grading looks for it.

    One for which the cluster gives none is handed on without: it is judged here then.
    Raises ValueError where there is no cluster, or one with another version of the grader.
    """
    client = _client(address)
    with client:
        _same_code(client, address)
        from distributed import as_completed

        ahead = AHEAD * max(1, sum(client.nthreads().values()))
        results: Any = as_completed()
        waiting: dict[Any, list[Submission]] = {}
        for one in submissions:
            content, release = one.content(), one.release.read_bytes()
            key = result_key(cells_of(content, release), one.seed, None)
            if (one.out / "results" / f"{key}.json").exists():
                yield one
                continue
            future = client.submit(verdict_json, content, release, one.seed, key=key, retries=3)
            if future not in waiting:  # the same answers as another's have the same key
                results.add(future)
            waiting.setdefault(future, []).append(one)
            if len(waiting) >= ahead:
                yield from _arrived(next(results), waiting)
        while waiting:
            yield from _arrived(next(results), waiting)


def _arrived(future: Any, waiting: "dict[Any, list[Submission]]") -> "Iterator[Submission]":
    of = waiting.pop(future)
    if future.status == "finished":
        place = of[0].out / "results" / f"{future.key}.json"
        write_if_changed(place, future.result().decode())
    yield from of


def _client(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        raise ValueError(
            "`--scheduler` needs dask.distributed, which is not here: pip install distributed"
        ) from None
    try:
        return Client(address, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        raise ValueError(f"`--scheduler` (={address!r}): there is no cluster ({error})") from None


def _same_code(client: Any, address: str) -> None:
    """Verdicts of another version, or made without a sandbox, must not get in under our name."""
    workers = client.run(_version)
    if not workers:
        raise ValueError(f"`--scheduler` (={address!r}): the cluster has no workers")
    for worker, found in workers.items():
        if found != _version():
            raise ValueError(
                f"`--scheduler` (={address!r}): {worker} has another version of the autograder, or "
                "its own idea of the sandbox; install this version there and start it again"
            )
    for worker, reason in client.run(sandbox.unavailable).items():
        if reason and not sandbox.unsandboxed():
            raise ValueError(f"`--scheduler` (={address!r}): {worker} has {reason}")


def _version() -> tuple[str, bool]:
    return code_digest(), sandbox.unsandboxed()
