# SPDX-License-Identifier: MIT
"""What the Python halves share: asyncio on a clock that jumps when all tasks wait.

`run(main)` is asyncio.run with virtual time, so sleeps take none and order is exact."""
import asyncio
import selectors


class _Selector(selectors.SelectSelector):
    """Instead of waiting for time to pass, lets it have passed."""

    passed = 0.0

    def select(self, timeout=None):
        events = super().select(0)
        if not events and timeout is None:
            events = super().select(None)  # a thread works: wait for it
        elif not events:
            self.passed += timeout
        return events


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self):
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self):
        return self._virtual.passed


def run(main):
    loop = _Loop()
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(main())
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.close()


class _InOrder(dict):
    def add(self, task):
        self[task] = True

    def discard(self, task):
        self.pop(task, None)


def in_order(group):
    """Has a TaskGroup cancel its tasks in the order of their creation: it keeps them in a set."""
    group._tasks = _InOrder()
    return group


def say(*words):
    print(*words, flush=True)


def why(error):
    """The name of an exception, as the C half prints a status."""
    return "ok" if error is None else type(error).__name__
