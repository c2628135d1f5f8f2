"""Work done ahead of its consumer, in one thread: the next files are parsed while the last ones are embedded."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

ITEMS: Final = 64
SIZE: Final = 64 << 20
"""How far ahead: items, and bytes of the files that they are. One item may always be ahead, however large."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def ahead(
    items: Iterable[Item], work: Callable[[Item], Result], *, size: Callable[[Item], int]
) -> Iterator[tuple[Item, Result]]:
    """Each item with what `work` makes of it, in order; what `work` raises is raised where its item's turn comes.

    Nothing is begun before the first result is asked for. When the consumer stops, what has begun is finished, nothing
    else is begun.
    """
    waiting: deque[tuple[Item, int, Future[Result]]] = deque()
    held = 0
    source = iter(items)
    pool = ThreadPoolExecutor(1, thread_name_prefix="ahead")
    try:
        for item in source:
            cost = size(item)
            while waiting and (len(waiting) >= ITEMS or held + cost > SIZE):
                first, freed, future = waiting.popleft()
                held -= freed
                yield first, future.result()
            waiting.append((item, cost, pool.submit(work, item)))
            held += cost
        while waiting:
            first, _, future = waiting.popleft()
            yield first, future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
