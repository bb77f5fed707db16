#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The OpenAPI documents, judged by tools that live from them: the official
schema, Schemathesis, and stock generators of clients. One TAP line each.

  documents   every document of the tutorial is OpenAPI 3.1
  requests    Schemathesis makes requests from the guide's document and five of the
              tutorial's, and checks the answers against it
  clients     a Python and a TypeScript client of the guide are generated, type
              checked, and call it

usage: run.py [--preset PRESET] [documents|requests|clients ...]"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests"))
from harness.serving import Server, free_port, python_env  # noqa: E402

# Not asked, because FastAPI itself fails them and its wire is the contract:
# negative_data_rejection (it converts "5" to 5), positive_data_acceptance (an empty
# form field is missing; integers have 64 bits here), allow_header_conformance (it
# names the methods of one route), and, but for the guide, status_code_conformance
# (it documents neither its 400 nor what a handler raises).
CHECKS = ["not_a_server_error", "content_type_conformance", "response_headers_conformance",
          "response_schema_conformance", "missing_required_header", "unsupported_method"]
TUTORIAL = ["body_nested_models.tutorial004", "query_param_models.tutorial002", "extra_data_types.tutorial001",
            "request_forms_and_files.tutorial001", "sql_databases.tutorial001"]
SLOW = "slow|multiple|perf|timeout|cpu|batch|upload|notes"  # routes that sleep on purpose, files, a rate limit
QUIET = ["--log-level", "critical", "--timeout-keep-alive", "120"]  # a client on a busy machine pauses


def report(name, problems):
    print(f"{'not ok' if problems else 'ok'} - {name}", flush=True)
    for line in problems.splitlines()[-60:]:
        print(f"#   {line}")
    return bool(problems)


def run(*command, **options):
    """What it printed if it failed, else nothing."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600, **options)
    return done.stdout or "failed silently" if done.returncode else ""


def documents(example, python):
    done = subprocess.run([python, os.path.join(HERE, "documents.py"), example("tutorial")], text=True)
    return done.returncode


# One run is like another. Other seeds find what FastAPI's own apps fail at: a date and a duration
# whose sum no calendar has are a 500 there, too.
SEED = "1"


def schemathesis(python, port, folder, *more):
    return run(os.path.join(os.path.dirname(python), "schemathesis"), "run", f"http://127.0.0.1:{port}/openapi.json",
               "--phases", "examples,coverage,fuzzing", "--max-examples", "25", "--seed", SEED, "--continue-on-failure",
               "--suppress-health-check", "all", "--no-color", *more, cwd=folder)


def requests(example, python):
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        with guide(example, folder) as server:
            found = schemathesis(python, server.port, folder, "--checks", ",".join([*CHECKS, "status_code_conformance"]),
                                 "--exclude-path-regex", SLOW)
            failed += report("Schemathesis finds nothing in the guide", found)
        for app in TUTORIAL:
            with Server([example("tutorial"), "--app", app, *QUIET], free_port(), cwd=folder) as server:
                found = schemathesis(python, server.port, folder, "--checks", ",".join(CHECKS))
                failed += report(f"Schemathesis finds nothing in {app}", found)
    return failed


def guide(example, folder):
    database = os.path.join(folder, "guide.db")
    return Server([example("guide"), *QUIET], free_port(), env={"GUIDE_DATABASE_URL": f"sqlite:///{database}"})


def clients(example, python):
    failed = 0
    with tempfile.TemporaryDirectory() as folder, guide(example, folder) as server:
        url = f"http://127.0.0.1:{server.port}"
        generator = os.path.join(os.path.dirname(python), "openapi-python-client")
        problems = run(generator, "generate", "--url", f"{url}/openapi.json", "--meta", "none", "--output-path",
                       os.path.join(folder, "guide_client"), cwd=folder)
        problems = problems or run(python, os.path.join(HERE, "client.py"), folder, url)
        failed += report("a generated Python client calls the guide", problems)
        failed += report("a generated TypeScript client compiles and calls the guide", typescript(folder, url))
    return failed


def typescript(folder, url):
    modules = os.path.join(ROOT, "build", "contract")
    packages = ["openapi-typescript@7.10.1", "openapi-fetch@0.15.0", "typescript@5.9.3"]
    problems = ""
    if not os.path.exists(os.path.join(modules, "node_modules", "openapi-fetch")):
        os.makedirs(modules, exist_ok=True)
        problems = run("npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", modules, *packages)
    binaries = os.path.join(modules, "node_modules", ".bin")
    out = os.path.join(modules, "client")
    os.makedirs(out, exist_ok=True)
    problems = problems or run(os.path.join(binaries, "openapi-typescript"), f"{url}/openapi.json", "-o",
                               os.path.join(out, "guide.d.ts"))
    with open(os.path.join(HERE, "client.ts")) as source, open(os.path.join(out, "client.ts"), "w") as target:
        target.write(source.read())
    with open(os.path.join(out, "tsconfig.json"), "w") as config:
        json.dump({"compilerOptions": {"strict": True, "target": "es2022", "module": "nodenext", "types": [],
                                       "lib": ["es2022", "dom"], "skipLibCheck": True}}, config)
    with open(os.path.join(out, "package.json"), "w") as package:
        json.dump({"type": "module"}, package)
    problems = problems or run(os.path.join(binaries, "tsc"), "-p", out)
    return problems or run("node", os.path.join(out, "client.js"), url)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", default="release")
    parser.add_argument("parts", nargs="*", default=["documents", "requests", "clients"])
    options = parser.parse_args()
    python = python_env("contract", "-r", os.path.join(HERE, "requirements.txt"))
    example = lambda name: os.path.join(ROOT, "build", options.preset, "examples", name)
    parts = {"documents": documents, "requests": requests, "clients": clients}
    return 1 if sum(parts[part](example, python) for part in options.parts) else 0


if __name__ == "__main__":
    sys.exit(main())
