#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Wrong declarations do not compile, and the compiler says why in a sentence
that names the handler or the field. With gcc and with clang."""
import os
import re
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
    ("a route without its output is told", START + HANDLER % "B" + ROUTE.replace("A, B", "A"), "output_type_is_missing"),
    ("a missing comma is told", START + HANDLER % "B" + ROUTE.replace('", get', '" get'), "a_comma_or"),
    ("no input is not void", START + "static int get(brio_request *r, const void *in, B *out) { (void)r; (void)in; (void)out; "
     "return 0; }\n" + ROUTE.replace("A, B", "void, B"), "no input and no output is brio_none"),
    ("a key without a value is told", START + "brio_json f(brio_request *r) { return BRIO_OBJECT(r, \"a\", 1, \"b\"); }\n",
     "too few arguments|each_key_needs_a_value_"),
    ("a missing semicolon is told", START + "typedef struct K { B b; } K;\nBRIO_MODEL(K, BRIO_FIELD_AS(b, B))\n"
     "static int one(void);\n", "expected ‘;’|expected ';'"),
    ("a failure that nobody returns is told", START + "static inline int f(brio_request *r) { brio_fail(r, 404, NULL); return 0; }\n"
     "int g(brio_request *r) { return f(r); }\n", "ignoring return value"),
    ("a type without JSON form is named", "#include <brio/brio.h>\ntypedef struct C { char *text; } C;\n"
     "BRIO_MODEL(C, BRIO_FIELD(text));\n", "field text has a type with no JSON form"),
    ("a field declared as another type is named", START + "typedef struct D { A a; } D;\nBRIO_MODEL(D, BRIO_FIELD_AS(a, B));\n",
     "field a is declared as B but the struct says otherwise"),
    ("a wrong base is named", START + "typedef struct E { A a; } E;\nBRIO_MODEL(E, BRIO_BASE(a, B));\n",
     "base a is declared as B but the struct says otherwise"),
    ("a wrong mark is named", START + "typedef struct F { int64_t set; } F;\nBRIO_MODEL(F, BRIO_FIELDS_SET(set));\n",
     "field set must be a brio_fields_set"),
    ("a union without its number is named", START + "typedef struct G { union { A a; B b; }; int which; } G;\n"
     "BRIO_UNION(G, BRIO_CASE(a, A), BRIO_CASE(b, B));\n", "union G must begin with `int which`"),
    ("a case of another type is named", START + "typedef struct H { int which; union { A a; B b; }; } H;\n"
     "BRIO_UNION(H, BRIO_CASE(a, A), BRIO_CASE(b, A));\n", "field b is declared as A but the struct says otherwise"),
    ("a dependency's wrong member is named", START + "typedef A who_provided;\nconst struct brio_provider *who_provider(void);\n"
     "typedef struct I { B b; } I;\nBRIO_MODEL(I, BRIO_DEPENDS(b, who));\n",
     "field b is not of the type that provider who gives"),
    ("all shapes compile", START + "BRIO_LIST_OF(B);\nBRIO_PAGE_OF(B);\nBRIO_DICT(Bs, brio_str, B);\nBRIO_LIST_AS(Is, BRIO_SET, int64_t);\n"
     "typedef struct J { B base; Bs map; Is *set; brio_fields_set given; brio_json more; } J;\n"
     "static void twice(const void *self, void *out, brio_arena *arena) { (void)self; (void)out; (void)arena; }\n"
     "BRIO_MODEL(J, BRIO_CONFIG(.extra = BRIO_EXTRA_ALLOW), BRIO_BASE(base, B), BRIO_FIELD_AS(map, Bs), BRIO_FIELD_AS(set, Is),\n"
     "BRIO_FIELDS_SET(given), BRIO_EXTRAS(more), BRIO_COMPUTED(twice, int64_t, twice));\n", None),
]


def compile_with(compiler, source):
    return subprocess.run([compiler, "-std=c17", "-Werror=unused-result", "-c", "-o", "/dev/null", "-I", os.path.join(ROOT, "include"), "-x", "c", "-"],
                          input=source, capture_output=True, text=True)


def names_model(source, stderr):
    """A mistake in a table is told with its model: gcc says in which function, clang shows the macro."""
    model = re.findall(r"BRIO_(?:MODEL|UNION)\((\w+)", source)[-1]
    return f"{model}_model" in stderr or f"BRIO_MODEL({model}," in stderr or f"BRIO_UNION({model}," in stderr


def main():
    failed = 0
    for compiler in filter(shutil.which, ("gcc", "clang")):
        for name, source, said in CASES:
            run = compile_with(compiler, source)
            passed = run.returncode == 0 if said is None else run.returncode != 0 and any(s in run.stderr for s in said.split("|"))
            if said and said.startswith(("field", "base")):
                passed = passed and names_model(source, run.stderr)
            if compiler == "clang" and said:  # a page of macros would hide the sentence
                passed = passed and max(map(len, run.stderr.splitlines())) < 500
            print(f"{'ok' if passed else 'not ok'} - {compiler}: {name}" + ("" if passed else f"\n# {run.stderr[:800]}"))
            failed += not passed
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
