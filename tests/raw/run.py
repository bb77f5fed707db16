#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""HTTP/1.1 by raw bytes: every row of cases.py against examples/probe, whole,
cut in two at every byte, and byte by byte; then the same bytes against nginx
and node. Where those answer otherwise, peers.py says why.

    run.py [--preset PRESET] [NAME-PART]"""
import argparse
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, "tests")]
from cases import CASES  # noqa: E402
from harness.serving import Server, free_port  # noqa: E402
from peers import OWN, PEERS, explained  # noqa: E402
from wire import exchange, fits  # noqa: E402

QUIET = 1  # seconds without a byte after which a peer is taken to wait for more

CUT_UP_TO = 400  # bytes of a case that is cut everywhere; a longer one is cut here and there
EVERY = {"epoll": 1, "uring": 5}  # the parser is the same; what differs is how its bytes come


def cuts(data, every):
    step = max(1, len(data) // CUT_UP_TO) * every
    yield from ([data[:at], data[at:]] for at in range(1, len(data), step))
    if len(data) <= CUT_UP_TO:
        yield [data[i:i + 1] for i in range(len(data))]


def check(pool, port, case, every):
    """Problems, as lines."""
    ways = [[case.bytes], *cuts(case.bytes, every)]
    outcomes = pool.map(lambda pieces: exchange(port, pieces, case.want), ways)
    return [f"{'whole' if len(pieces) == 1 else f'cut behind {pieces[0][-20:]!r}'}: {got}"
            for pieces, got in zip(ways, outcomes) if not fits(got, case.want)]


def probe_suite(pool, preset, part):
    program = os.path.join(ROOT, "build", preset, "examples", "probe")
    failed = 0
    for backend, every in EVERY.items():
        with Server([program, "--log-level", "critical", "--no-access-log", "--backend", backend], free_port()) as server:
            for case in CASES:
                if part not in case.name:
                    continue
                problems = check(pool, server.port, case, every)
                print(f"{'not ok' if problems else 'ok'} - raw/{backend}: RFC {case.clause}: {case.name}")
                if problems:
                    failed += 1
                    print(f"# {case.bytes[:300]!r}\n# expected {case.want}; {len(problems)} times otherwise, first:")
                    print("".join(f"#   {line}\n" for line in problems[:3]), end="")
            if server.process.poll() is not None or server.stop() != 0:
                failed += 1
                print(f"not ok - raw/{backend}: it runs and stops cleanly\n# {server.output()[-2000:]}")
    return failed


def peer_suite(pool, name, start):
    """Only that every difference is known: peers have versions, and may agree with us in a later one."""
    cases = [case for case in CASES if not re.search(OWN, case.name)]
    with start() as server:
        outcomes = list(pool.map(lambda case: exchange(server.port, [case.bytes], None, QUIET), cases))
    apart = [(case, got) for case, got in zip(cases, outcomes) if not fits(got, case.want)]
    unknown = [(case, got) for case, got in apart if not explained(name, case.name)]
    print(f"# {name}: {len(cases)} rows, {len(cases) - len(apart)} answered as brio does")
    print(f"{'not ok' if unknown else 'ok'} - raw/{name}: where it differs the reason is known")
    for case, got in unknown:
        print(f"#   RFC {case.clause}: {case.name}: brio {case.want}, {name} {got}")
    return len(unknown)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", default="asan")
    parser.add_argument("part", nargs="?", default="")
    options = parser.parse_args()
    with ThreadPoolExecutor(16) as pool:
        failed = probe_suite(pool, options.preset, options.part)
        if not options.part:
            failed += sum(peer_suite(pool, name, start) for name, start in PEERS.items())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
