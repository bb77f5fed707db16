# SPDX-License-Identifier: MIT
"""Programs: communicate, exit codes, signals, a wait that is cancelled, a conversation by lines."""
import asyncio
import signal
from asyncio.subprocess import PIPE

from pair import say


async def spawn(*argv, **pipes):
    return await asyncio.create_subprocess_exec(*argv, **pipes)


async def main():
    sort = await spawn("sort", stdin=PIPE, stdout=PIPE)
    out, _ = await sort.communicate(b"b\nc\na\n")
    say("sorted", *out.decode().split(), "code", sort.returncode)

    shell = await spawn("sh", "-c", "echo out; echo err >&2; exit 3", stdout=PIPE, stderr=PIPE)
    out, err = await shell.communicate()
    say(out.decode().strip(), err.decode().strip(), "code", shell.returncode)

    true = await spawn("true", stdin=PIPE)
    await true.communicate(b"nobody reads this\n" * 20000)
    say("unread input is no failure", true.returncode)

    cat = await spawn("cat", stdin=PIPE, stdout=PIPE)
    for line in (b"one\n", b"two\n"):
        cat.stdin.write(line)
        say("cat says", (await cat.stdout.readline()).decode().strip())
    waiter = asyncio.create_task(cat.wait())
    await asyncio.sleep(0)
    waiter.cancel()
    await asyncio.wait([waiter])
    say("still there", waiter.cancelled(), cat.returncode is None)
    cat.stdin.close()
    say("at its end", len(await cat.stdout.read()), await cat.wait(), await cat.wait())

    sleep = await spawn("sleep", "1000")
    sleep.terminate()
    say("by signal", await sleep.wait() == -signal.SIGTERM)
    try:
        await spawn("/no/such/program")
    except FileNotFoundError:
        say("no such program")


asyncio.run(main())
