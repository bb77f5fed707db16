#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Wrong declarations do not compile, and the compiler says why in a sentence
that names the handler or the field. With gcc and with clang."""
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
START = """#include <brio/brio.h>
typedef struct A { int64_t id; } A;
BRIO_MODEL(A, BRIO_PATH(id));
typedef struct B { int64_t id; } B;
BRIO_MODEL(B, BRIO_FIELD(id));
"""
HANDLER = "static int get(brio_request *r, const A *in, %s *out) { (void)r; (void)in; (void)out; return 0; }\n"
ROUTE = "int main(void) { BRIO_GET(brio_app_new(NULL), \"/{id}\", get, A, B); return 0; }\n"
CASES = [  # name, source, what the compiler must say (None: it compiles)
    ("a right one compiles", START + HANDLER % "B" + ROUTE, None),
    ("a wrong handler is named", START + HANDLER % "A" + ROUTE, "handler get must be: int get(brio_request *"),
    ("a type without JSON form is named", "#include <brio/brio.h>\ntypedef struct C { char *text; } C;\n"
     "BRIO_MODEL(C, BRIO_FIELD(text));\n", "field text has a type with no JSON form"),
    ("a field declared as another type is named", START + "typedef struct D { A a; } D;\nBRIO_MODEL(D, BRIO_FIELD_AS(a, B));\n",
     "field a is declared as B but the struct says otherwise"),
]


def compile_with(compiler, source):
    return subprocess.run([compiler, "-std=c17", "-fsyntax-only", "-I", os.path.join(ROOT, "include"), "-x", "c", "-"],
                          input=source, capture_output=True, text=True)


def main():
    failed = 0
    for compiler in filter(shutil.which, ("gcc", "clang")):
        for name, source, said in CASES:
            run = compile_with(compiler, source)
            passed = run.returncode == 0 if said is None else run.returncode != 0 and said in run.stderr
            print(f"{'ok' if passed else 'not ok'} - {compiler}: {name}" + ("" if passed else f"\n# {run.stderr[:800]}"))
            failed += not passed
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
