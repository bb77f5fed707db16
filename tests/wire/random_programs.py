# SPDX-License-Identifier: MIT
"""Two programs with one API: routes that answer what they were given.

Every model gets a POST that takes it as its body and answers it, and every set
of parameters a GET that answers them as a model.
"""
from random_schema import Field, Maker, Output

C_HEAD = """/* SPDX-License-Identifier: MIT
 *
 * Made by tests/wire/fuzz.py from a seed. */
#include <brio/brio.h>
"""
PY_HEAD = """# Made by tests/wire/fuzz.py from a seed.
import datetime, decimal, enum, ipaddress, pathlib, uuid
from typing import Annotated, Literal
from fastapi import Body, Cookie, FastAPI, Form, Header, Path, Query
from pydantic import AnyUrl, BaseModel, EmailStr, Field, HttpUrl, IPvAnyAddress, IPvAnyInterface, SecretStr
app = FastAPI()
"""


class Body:
    """POST /bN: a model in, the same model out."""
    def __init__(self, rng, maker, number):
        self.path, self.model = f"/b{number}", maker.model(3)
        self.name = f"body_{number}"

    def write(self, out):
        m = self.model.c
        out.c.append(f"""typedef struct In_{self.name} {{ {m} item; }} In_{self.name};
BRIO_MODEL(In_{self.name}, BRIO_BODY(item, {m}));
static int {self.name}(brio_request *req, const In_{self.name} *in, {m} *out)
{{
    (void)req;
    *out = in->item;
    return 0;
}}""")
        out.py.append(f"@app.post({self.path!r})\nasync def {self.name}(item: {m}) -> {m}:\n    return item")
        return f'    BRIO_POST(app, "{self.path}", {self.name}, In_{self.name}, {m});'


class Parameters:
    """GET /pN/{path}: parameters from everywhere in, a model of them out; or POST
    /fN: the fields of a form."""
    def __init__(self, rng, maker, number, form):
        self.form, self.name = form, f"{'form' if form else 'parameters'}_{number}"
        self.path = f"/{'f' if form else 'p'}{number}"
        self.fields = maker.fields(maker.flat, 4)
        for f in self.fields:
            f.place = "Form" if form else rng.choice(["Query", "Query", "Query", "Header", "Cookie"])
            f.nullable &= f.place != "Header" or f.alias is None
            if f.place == "Cookie":
                f.alias = None
        if not form and rng.random() < 0.4:
            first = self.fields[0]
            first.place, first.nullable, first.default, first.alias = "Path", False, None, None
            self.path += f"/{{{first.name}}}"

    def write(self, out):
        view = f"View_{self.name}"
        members = " ".join(f.member() + ";" for f in self.fields)
        rows = ", ".join(f.row(f.place.upper()) for f in self.fields)
        plain = [plain_field(f) for f in self.fields]
        out.c.append(f"typedef struct In_{self.name} {{ {members} }} In_{self.name};\nBRIO_MODEL(In_{self.name}, {rows});\n"
                     f"typedef struct {view} {{ {members} }} {view};\nBRIO_MODEL({view}, "
                     + ", ".join(f.row("FIELD") for f in plain) + ");\n"
                     f"static int {self.name}(brio_request *req, const In_{self.name} *in, {view} *out)\n{{\n    (void)req;\n"
                     + "".join(f"    out->{f.name} = in->{f.name};\n" for f in self.fields) + "    return 0;\n}")
        out.py.append(f"class {view}(BaseModel):\n" + "\n".join(f"    {f.name}: {f.annotation('Field')}" for f in plain))
        arguments = ", ".join(f"{f.name}: {f.annotation(f.place)}" for f in self.fields)
        given = ", ".join(f"{f.name}={f.name}" for f in self.fields)
        method = "post" if self.form else "get"
        out.py.append(f"@app.{method}({self.path!r})\nasync def {self.name}(*, {arguments}) -> {view}:\n"
                      f"    return {view}.model_construct({given})")
        return f'    BRIO_{method.upper()}(app, "{self.path}", {self.name}, In_{self.name}, {view});'


def plain_field(field):
    """The same member without constraints: what an output shows."""
    copy = Field.__new__(Field)
    copy.__dict__ = dict(field.__dict__, alias=None, default=None, described=False)
    copy.type = type(field.type).__new__(type(field.type))
    copy.type.__dict__ = dict(field.type.__dict__, py_opts=[], c_opts=[o for o in field.type.c_opts if "literal" in o])
    return copy


def make(rng, scalars, routes):
    """(C text, Python text, routes) of one seed."""
    maker, made = Maker(rng, scalars), []
    for number in range(routes):
        chance = rng.random()
        made.append(Body(rng, maker, number) if chance < 0.55 else Parameters(rng, maker, number, chance > 0.85))
    types, code = Output(), Output()
    for type in maker.types:
        type.declare(types)
    registrations = [route.write(code) for route in made]
    main = "int main(int argc, char **argv)\n{\n    brio_app *app = brio_app_new(NULL);\n" + "\n".join(registrations) + \
           "\n    return brio_main(app, argc, argv);\n}\n"
    return ("\n\n".join([C_HEAD, *types.c, *code.c, main]), "\n\n".join([PY_HEAD, *types.py, *code.py]) + "\n", made)

