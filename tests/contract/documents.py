# SPDX-License-Identifier: MIT
"""Every OpenAPI document of the tutorial against the official schema of OpenAPI
3.1. Run by run.py with the Python that has openapi-spec-validator.

usage: documents.py PROGRAM"""
import json
import os
import subprocess
import sys
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from harness.serving import Server, free_port  # noqa: E402
from openapi_spec_validator import OpenAPIV31SpecValidator  # noqa: E402

ENVIRONMENT = {"ADMIN_EMAIL": "admin@example.com"}
# What the apps with middleware ask of a request: TLS in front of them, and their host.
HEADERS = {"Host": "example.com", "X-Forwarded-Proto": "https"}
# Apps that have no document, or not under this path, as in FastAPI's tutorial.
ELSEWHERE = {"metadata.tutorial002": "/api/v1/openapi.json"}


def document_of(program, app):
    with Server([program, "--app", app, "--log-level", "critical"], free_port(), env=ENVIRONMENT) as server:
        path = ELSEWHERE.get(app, "/openapi.json")
        request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", headers=HEADERS)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)


def without_item_schemas(value):
    """FastAPI describes streams by OpenAPI 3.2's itemSchema in documents that say 3.1.0, and so does brio."""
    if isinstance(value, dict):
        return {k: without_item_schemas(v) for k, v in value.items() if k != "itemSchema"}
    return [without_item_schemas(v) for v in value] if isinstance(value, list) else value


def main():
    program = sys.argv[1]
    apps = subprocess.run([program, "--list"], capture_output=True, text=True, check=True).stdout.split()
    failed = 0
    for app in apps:
        errors = list(OpenAPIV31SpecValidator(without_item_schemas(document_of(program, app))).iter_errors())
        print(f"{'not ok' if errors else 'ok'} - {app} is OpenAPI 3.1")
        for error in errors[:3]:
            print(f"#   {list(error.absolute_path)}: {error.message[:300]}")
        failed += bool(errors)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
