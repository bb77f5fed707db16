#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random programs, run by asyncio and by brio: what they print, and when, must be identical.

A scenario is a few tasks of sleeps, locks, queues, groups, timeouts, cancellations and
more, drawn from a seed. This file writes it down, runs it with asyncio on a clock that
jumps, and has scenario.c run the same text on the simulator. Steps are separated by sleeps
of odd lengths, so that two of them hardly ever share an instant: what happens in one turn
of the loop is told apart in docs/asyncio.md, and tested by hand.

usage: run.py [--seed FIRST] [--count N] [--show]     BRIO_PAIRS names the built C half's folder"""
import argparse
import asyncio
import itertools
import os
import pathlib
import random
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import pair  # noqa: E402

BUILT = pathlib.Path(os.environ.get("BRIO_PAIRS", HERE.parents[2] / "build" / "asan" / "tests"))
LOCKS, SEMAPHORES, EVENTS, QUEUES, CONDITIONS, BARRIERS = 3, 2, 2, 2, 2, 1
MODES = ("all", "first", "error")


# ---- Drawing a scenario ---------------------------------------------------------
#
# An operation is a list: its name, numbers, and for a block a list of operations at the end.

class Drawing:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.tasks = []  # of children: [kind, block]
        self.free = self.random.randint(2, 5)
        self.left = 60  # operations
        self.main = self.draw_main()

    def nap(self):
        return ["sleep", self.random.randint(1, 99991)]

    def draw_main(self):
        for i in range(self.free):
            self.tasks.append(None)
        for i in range(self.free):
            self.tasks[i] = self.block(i, 0, True, 0)
        steps = []
        for i in range(self.free):
            steps += [["spawn", i], self.nap()]
        for _ in range(self.random.randint(0, 4)):
            steps += [["cancel", self.random.randrange(self.free)], self.nap()]
        return steps

    def child(self, me, depth):
        """A function of its own: in a group or gather, so cancelled by its scope."""
        self.tasks.append(None)
        i = len(self.tasks) - 1
        self.tasks[i] = self.block(me, depth + 1, False, 0)
        return i

    def block(self, me, depth, edge, held):
        """`edge`: no scope around it, so a cancellation is told once and cleaning up may take time."""
        steps = [self.nap()]
        for _ in range(self.random.randint(1, 4)):
            if self.left <= 0:
                break
            self.left -= 1
            steps += [self.step(me, depth, edge, held), self.nap()]
        return steps

    def step(self, me, depth, edge, held):
        r = self.random
        kinds = ["lock", "semaphore", "set", "clear", "wait_event", "put", "get", "wait_condition",
                 "notify", "barrier", "cancel"]
        if me > 0:
            kinds += ["await", "shield", "wait"]
        if depth < 3:
            kinds += ["timeout", "timeout", "group", "group", "gather", "try"]
            kinds += ["swallow", "cleanup"] if edge else []
        if depth > 0:
            kinds += ["raise"]
        kind = r.choice(kinds)
        if kind == "lock":  # in one order: a ring is an error in brio and a hang in asyncio
            i = r.randrange(LOCKS)
            return ["lock", i, self.block(me, depth, edge, i + 1)] if i >= held else self.nap()
        if kind == "semaphore":
            return [kind, r.randrange(SEMAPHORES), self.block(me, depth, edge, held)]
        if kind in ("set", "clear", "wait_event"):
            return [kind, r.randrange(EVENTS)]
        if kind in ("put", "get"):
            return [kind, r.randrange(QUEUES)]
        if kind == "wait_condition":
            return [kind, r.randrange(CONDITIONS)]
        if kind == "notify":
            return [kind, r.randrange(CONDITIONS), r.randint(1, 3)]
        if kind == "barrier":
            return [kind, r.randrange(BARRIERS)]
        if kind == "cancel":
            other = r.randrange(self.free)
            return [kind, other] if other != me else self.nap()
        if kind in ("await", "shield"):  # those before: no rings
            return [kind, r.randrange(me)]
        if kind == "wait":
            chosen = r.sample(range(me), r.randint(1, min(me, 3)))
            return [kind, r.randrange(len(MODES)), r.choice((0, r.randint(1, 200003))), chosen]
        if kind == "timeout":
            return [kind, r.randint(1, 250007), self.block(me, depth + 1, False, held)]
        if kind == "group":
            children = [self.child(me, depth) for _ in range(r.randint(1, 3))]
            return [kind, children, self.block(me, depth + 1, False, held)]
        if kind == "gather":
            return [kind, [self.child(me, depth) for _ in range(r.randint(1, 3))]]
        if kind in ("try", "swallow"):
            return [kind, self.block(me, depth + 1, edge, held)]
        if kind == "cleanup":
            return [kind, r.randint(1, 99991), self.block(me, depth + 1, edge, held)]
        return ["raise"]


def text_of(steps):
    words = []
    for step in steps:
        for word in step:
            if isinstance(word, list) and word and not isinstance(word[0], list):
                words.append(f"{len(word)} " + " ".join(map(str, word)))  # numbers of tasks
            elif isinstance(word, list):
                words.append("{ " + text_of(word) + " }")
            else:
                words.append(str(word))
    return " ".join(words)


def scenario_text(drawing):
    tasks = "\n".join("{ " + text_of(block) + " }" for block in drawing.tasks)
    return f"{drawing.free} {len(drawing.tasks)}\n{tasks}\n{{ {text_of(drawing.main)} }}\n"


# ---- Running it with asyncio ----------------------------------------------------

class Running:
    def __init__(self, drawing):
        self.drawing = drawing
        self.out = []

    def say(self, *words):
        now = round((asyncio.get_running_loop().time() - self.began) * 1e6)
        self.out.append(" ".join(map(str, (now, *words))))

    async def main(self):
        self.began = asyncio.get_running_loop().time()
        self.locks = [asyncio.Lock() for _ in range(LOCKS)]
        self.semaphores = [asyncio.Semaphore(i + 1) for i in range(SEMAPHORES)]
        self.events = [asyncio.Event() for _ in range(EVENTS)]
        self.queues = [asyncio.Queue(i + 1) for i in range(QUEUES)]
        self.conditions = [asyncio.Condition() for _ in range(CONDITIONS)]
        self.barriers = [asyncio.Barrier(2) for _ in range(BARRIERS)]
        self.tasks = [None] * self.drawing.free
        await self.block("main", self.drawing.main)
        await asyncio.sleep(100)
        for i, task in enumerate(self.tasks):
            while not task.done():
                self.say("main ends", i, task.cancel())
                await asyncio.wait([task], timeout=100)
            result = "cancelled" if task.cancelled() else "failed" if task.exception() else "fine"
            self.say(i, "was", result)

    async def task(self, i):
        try:
            await self.block(i, self.drawing.tasks[i])
            self.say(i, "ends")
        except asyncio.CancelledError:
            self.say(i, "cancelled")
            raise
        except ValueError:
            self.say(i, "fails")
            raise

    async def block(self, me, steps):
        for step in steps:
            await getattr(self, "do_" + step[0])(me, *step[1:])

    async def do_sleep(self, me, us):
        await asyncio.sleep(us / 1e6)

    async def do_spawn(self, me, i):
        self.tasks[i] = asyncio.create_task(self.task(i))

    async def do_cancel(self, me, i):
        if self.tasks[i]:
            self.say(me, "cancels", i, self.tasks[i].cancel())

    async def do_lock(self, me, i, steps):
        async with self.locks[i]:
            self.say(me, "has lock", i)
            await self.block(me, steps)

    async def do_semaphore(self, me, i, steps):
        async with self.semaphores[i]:
            self.say(me, "has permit", i)
            await self.block(me, steps)

    async def do_set(self, me, i):
        self.events[i].set()

    async def do_clear(self, me, i):
        self.events[i].clear()

    async def do_wait_event(self, me, i):
        await self.events[i].wait()
        self.say(me, "saw event", i)

    async def do_put(self, me, i):
        await self.queues[i].put(me)
        self.say(me, "put", i)

    async def do_get(self, me, i):
        self.say(me, "got", await self.queues[i].get())

    async def do_wait_condition(self, me, i):
        async with self.conditions[i]:
            try:
                await self.conditions[i].wait()
                self.say(me, "was notified", i)
            finally:
                self.say(me, "has it", self.conditions[i].locked())

    async def do_notify(self, me, i, n):
        async with self.conditions[i]:
            self.conditions[i].notify(n)

    async def do_barrier(self, me, i):
        self.say(me, "passed", await self.barriers[i].wait())

    async def do_await(self, me, i):
        await self.awaited(me, i, self.tasks[i])

    async def do_shield(self, me, i):
        await self.awaited(me, i, asyncio.shield(self.tasks[i]))

    async def awaited(self, me, i, awaitable):
        try:
            await awaitable
            self.say(me, "awaited", i, "fine")
        except ValueError:
            self.say(me, "awaited", i, "failed")

    async def do_wait(self, me, mode, us, chosen):
        when = (asyncio.ALL_COMPLETED, asyncio.FIRST_COMPLETED, asyncio.FIRST_EXCEPTION)[mode]
        tasks = [self.tasks[i] for i in chosen]
        await asyncio.wait(tasks, timeout=us / 1e6 if us else None, return_when=when)
        await asyncio.sleep(3e-6)  # others may end at the same instant
        self.say(me, "waited", *[int(t.done()) for t in tasks])

    async def do_timeout(self, me, us, steps):
        try:
            async with asyncio.timeout(us / 1e6):
                await self.block(me, steps)
        except TimeoutError:
            self.say(me, "timed out")

    async def do_group(self, me, children, steps):
        myself = asyncio.current_task()
        before = myself.cancelling()
        try:
            async with asyncio.TaskGroup() as group:
                pair.in_order(group)
                for i in children:
                    group.create_task(self.task(i))
                try:
                    await self.block(me, steps)
                finally:
                    asked = group._parent_cancel_requested
        except ExceptionGroup as errors:
            self.say(me, "group failed", len(errors.exceptions))
            if group._parent_cancel_requested and not asked:
                myself.uncancel()  # its own request, which 3.11 forgets to take back
            if myself.cancelling() > before:  # not lost, as in Python 3.13
                myself.uncancel()
                myself.cancel()
            raise ValueError from None

    async def do_gather(self, me, children):
        results = await asyncio.gather(*[self.task(i) for i in children], return_exceptions=True)
        names = {type(None): "fine", ValueError: "failed", asyncio.CancelledError: "cancelled"}
        self.say(me, "gathered", *[names[type(r)] for r in results])

    async def do_try(self, me, steps):
        try:
            await self.block(me, steps)
        except ValueError:
            self.say(me, "caught")

    async def do_swallow(self, me, steps):
        try:
            await self.block(me, steps)
        except asyncio.CancelledError:
            self.say(me, "swallows", asyncio.current_task().cancelling())
            self.say(me, "is left with", asyncio.current_task().uncancel())

    async def do_cleanup(self, me, us, steps):
        try:
            await self.block(me, steps)
        finally:
            self.say(me, "cleans up")
            await asyncio.sleep(us / 1e6)
            self.say(me, "is clean")

    async def do_raise(self, me):
        raise ValueError


def with_asyncio(drawing):
    running = Running(drawing)
    pair.run(running.main)
    return "\n".join(running.out) + "\n"


# ---- Both -----------------------------------------------------------------------

def with_brio(text):
    run = subprocess.run([BUILT / "scenario"], input=text, capture_output=True, text=True, timeout=60)
    return run.stdout if run.returncode == 0 else run.stdout + run.stderr + f"exit {run.returncode}\n"


def settled(lines):
    """A cancellation reaches tasks in tasks at once here and turn by turn there: when one came,
    what happened at that instant is compared without its order."""
    instants = itertools.groupby(lines.splitlines(), lambda line: line.split()[0])
    for _, instant in instants:
        instant = list(instant)
        yield from sorted(instant) if any(line.endswith(" cancelled") for line in instant) else instant


def first_difference(want, got):
    """None, or a line of each. Where both are of one instant it may be a matter of turns."""
    ends = ["(end)"]
    both = zip([*settled(want), *ends], [*settled(got), *ends])
    return next(((a, b) for a, b in both if a != b), None)


def compare(seed, show):
    """(is it the same, is it the same but for an instant's order)"""
    drawing = Drawing(seed)
    want, got = with_asyncio(drawing), with_brio(scenario_text(drawing))
    if show:
        print(scenario_text(drawing), want, "---\n", got, sep="")
    different = first_difference(want, got)
    if not different:
        return True, True
    unclear = different[0].split()[0] == different[1].split()[0]
    word = "# unclear" if unclear else "not ok"
    print(f"{word} - scenario {seed}\n#   asyncio says \"{different[0]}\", brio \"{different[1]}\"")
    return False, unclear


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--show", action="store_true", help="print scenario and both outputs")
    options = parser.parse_args()
    results = [compare(seed, options.show) for seed in range(options.seed, options.seed + options.count)]
    wrong = sum(not near for _, near in results)
    unclear = sum(not same for same, _ in results) - wrong
    good = wrong == 0 and unclear <= options.count / 50
    print(f"{'ok' if good else 'not ok'} - {options.count} scenarios from seed {options.seed}: "
          f"{wrong} differ, {unclear} in the order of an instant")
    return not good


if __name__ == "__main__":
    import logging
    logging.disable(logging.CRITICAL)  # of errors nobody looked at
    sys.exit(main())
