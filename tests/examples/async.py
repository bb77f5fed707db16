#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each program of examples/async is short, and those of the guide draw their timelines in all three forms."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import xml.dom.minidom

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAMS = ROOT / "build" / "release" / "examples" / "async"
# What the terminal drawing shows beside main, and what the picture is about.
TRACKS = {
    "sequential": ["fetch(url1)", "fetch(url2)", "fetch(url3)"], "gather": ["fetch(url1)", "fetch(url3)"],
    "create_task": ["send_email"], "semaphore": ["url1", "url5", "semaphore"], "timeout": ["quick", "slow"],
    "retry": ["sleep"], "queue": ["producer", "slow consumer"], "rate_limit": ["request"],
    "blocking": ["heartbeat", "bad_endpoint"], "io_tasks": ["fetch"], "io_threads": ["pool-3"],
    "cpu_tasks": ["compute a", "compute b"], "cpu_threads": ["thread-1", "thread-2"],
    "cpu_processes": ["process-1", "process-2"],
}
NOT_DRAWN = {"first", "deadlock"}  # of the README and of docs/seeing.md: tests/examples/seeing.py runs them


def run(name, **env):
    return subprocess.run([PROGRAMS / name], capture_output=True, text=True, timeout=60, env={**os.environ, **env})


def drawn(name):
    """The terminal drawing names its tracks, and only waiting takes no processor."""
    shown = run(name)
    return shown.returncode == 0 and all(t in shown.stderr for t in ["main", "█ running", *TRACKS[name]])


def kept(name, folder):
    """The picture is XML, the trace JSON with a complete event for each run."""
    svg, trace = folder / f"{name}.svg", folder / f"{name}.json"
    if run(name, BRIO_TIMELINE=str(svg)).returncode or run(name, BRIO_TIMELINE=str(trace)).returncode:
        return False
    tags = xml.dom.minidom.parse(str(svg)).getElementsByTagName("rect")
    events = json.loads(trace.read_text())
    events = events["traceEvents"] if isinstance(events, dict) else events
    return len(tags) > 3 and any(e["ph"] in "XB" for e in events) and any(e["ph"] == "M" for e in events)


def simulated(name):
    """On virtual time the drawing is the same each time, whatever the machine does."""
    return run(name, BRIO_BACKEND="sim").stderr == run(name, BRIO_BACKEND="sim").stderr


def checks(folder):
    for source in sorted((ROOT / "examples" / "async").glob("*.c")):
        name = source.stem
        yield f"{name}_fits_on_a_screen", sum(1 for line in source.open() if line.strip()) <= 40
        if name in NOT_DRAWN:
            continue
        yield f"{name}_is_in_the_table", name in TRACKS
        yield f"{name}_is_drawn", drawn(name)
        yield f"{name}_is_kept_as_picture_and_trace", kept(name, folder)
        guide = ROOT / "docs" / "guide"
        yield f"{name}_is_in_the_guide", f"({name}.svg)" in (guide / "async.md").read_text()
        yield f"{name}_has_its_picture", (guide / f"{name}.svg").exists()
    for name in ("sequential", "gather", "semaphore", "timeout", "queue"):
        yield f"{name}_is_exact_on_virtual_time", simulated(name)


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, good in checks(pathlib.Path(folder)):
            failed += not good
            print(f"{'ok' if good else 'not ok'} - {name}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
