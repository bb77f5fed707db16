# SPDX-License-Identifier: MIT
"""Random schemas, written twice: as C for brio and as Python for FastAPI.

A type knows its spelling in both languages, the declarations that it needs
first, and how to make values of it: right, nearly right, and hostile ones.
"""
import json

WORDS = ["a", "id", "name", "x_y", "size", "tags", "price", "owner", "when", "kind", "value", "note", "flag", "count"]
TEXTS = ["", "a", "foo", "ABC-12", "é☃", "𝄞", "a\u0000b", "  x ", "null", "1", "true", "x" * 60, "a\"b\\c\n", "\u2028", "2020-01-01"]
PATTERNS = ["^a", "[0-9]+$", "^[a-z]{2,5}$", "o", "^\\w+-\\d+$"]
JUNK = [None, True, False, 0, 1, -1, 1.0, 1.5, 1e300, 2**63 - 1, -2**63, "", "1", "x", [], [1], ["a", "a"], {}, {"a": 1}, [None], {"": None}]


def quote(text):
    """A C string literal."""
    out = ""
    for byte in text.encode():
        out += chr(byte) if 32 <= byte < 127 and chr(byte) not in '"\\?' else f"\\{byte:03o}"
    return f'"{out}"'


class Type:
    """What a field can be. `c_opts` and `py_opts` are constraints in both spellings."""
    named = False  # in C the row names the type: BRIO_FIELD_AS
    flat = True    # may be a query parameter

    def __init__(self, c, py):
        self.c, self.py, self.c_opts, self.py_opts = c, py, [], []

    def declare(self, out):
        pass

    def annotation(self):
        return f"Annotated[{self.py}, Field({', '.join(self.py_opts)})]" if self.py_opts else self.py

    def constrain(self, rng, c, py):
        self.c_opts.append(c)
        self.py_opts.append(py)


class Integer(Type):
    def __init__(self, rng):
        super().__init__("int64_t", "int")
        self.near = [0, 1, -1, 5, 7, 10, 100]
        if rng.random() < 0.5:
            for bound in rng.sample(["ge", "gt", "le", "lt"], rng.randint(1, 2)):
                n = rng.choice([-3, 0, 1, 10, 1000])
                self.near += [n - 1, n, n + 1]
                self.constrain(rng, f".{bound} = BRIO_NUM({n})", f"{bound}={n}")
        if rng.random() < 0.15:
            self.constrain(rng, ".multiple_of = BRIO_NUM(5)", "multiple_of=5")

    def value(self, rng):
        n = rng.choice(self.near)
        return rng.choice([n, n, n, float(n), str(n), f" {n} ", f"{n}.0", f"{n}.5", n + 0.5, True, f"+{abs(n)}", f"0{abs(n)}"])


class Float(Type):
    def __init__(self, rng):
        super().__init__("double", "float")
        self.near = [0.0, 0.5, -1.25, 3, 1e22, 0.1]
        if rng.random() < 0.5:
            for bound in rng.sample(["ge", "gt", "le", "lt"], rng.randint(1, 2)):
                n = rng.choice([-2.5, 0, 1, 1.5, 100])
                self.near += [n - 0.5, n, n + 0.5]
                self.constrain(rng, f".{bound} = BRIO_NUM({n})", f"{bound}={n}")

    def value(self, rng):
        n = rng.choice(self.near)
        return rng.choice([n, n, n, str(n), f" {n}", "1e3", ".5", "5.", "1_0", "x", True])


class Bool(Type):
    def __init__(self, rng):
        super().__init__("bool", "bool")

    def value(self, rng):
        return rng.choice([True, False, True, False, 1, 0, 2, 1.0, 0.5, "on", "OFF", "Yes", "t", " true", "maybe"])


class Text(Type):
    def __init__(self, rng):
        super().__init__("brio_str", "str")
        if rng.random() < 0.4:
            low = rng.randint(1, 3)
            self.constrain(rng, f".min_length = {low}", f"min_length={low}")
        if rng.random() < 0.3:
            high = rng.randint(3, 8)
            self.constrain(rng, f".max_length = {high}", f"max_length={high}")
        if rng.random() < 0.2:
            pattern = rng.choice(PATTERNS)
            self.constrain(rng, f".pattern = {quote(pattern)}", f"pattern={pattern!r}")

    def value(self, rng):
        return rng.choice(TEXTS + ["abc", "foo-1", "ab", "o"])


class Literal(Type):
    flat = False

    def __init__(self, rng):
        super().__init__("brio_str", "str")
        # Sorted: Python holds those of one set for equal, and keeps the order of the first.
        self.allowed = sorted(rng.sample(["cat", "dog", "1", "é", ""], rng.randint(1, 3)))
        self.py = f"Literal[{', '.join(map(repr, self.allowed))}]"
        self.c_opts.append(f".literal = {quote(json.dumps(self.allowed, ensure_ascii=False))}")

    def value(self, rng):
        return rng.choice(self.allowed * 3 + ["Cat", 1])


class Enum(Type):
    named = True

    def __init__(self, rng, name):
        super().__init__(name, name)
        self.names = rng.sample(["red", "green", "blue", "x y", "é"], rng.randint(1, 4))

    def declare(self, out):
        up = self.c.upper()
        constants = [f"{up}_{i}" for i in range(len(self.names))]
        values = ", ".join(f"{{{c}, {quote(n)}}}" for c, n in zip(constants, self.names))
        out.c.append(f"typedef enum {self.c} {{ {', '.join(constants)} }} {self.c};\nBRIO_ENUM({self.c}, {values});")
        members = "\n".join(f"    m{i} = {n!r}" for i, n in enumerate(self.names))
        out.py.append(f"class {self.py}(str, enum.Enum):\n{members}")

    def value(self, rng):
        return rng.choice(self.names * 3 + ["Red", 0])


class Scalar(Type):
    """A type of <brio/types.h>, with texts that are right, nearly right or odd."""
    def __init__(self, rng, c, py, good, odd):
        super().__init__(c, py)
        self.good, self.odd = good, odd
        if c in ORDERED and rng.random() < 0.3:
            bound = rng.choice(["gt", "ge", "lt", "le"])
            text, value = ORDERED[c]
            self.constrain(rng, f'.{bound}_text = "{text}"', f"{bound}={value}")

    def value(self, rng):
        return rng.choice(self.good * 3 + self.odd)


# Bounds of those that have an order: option, as text.
ORDERED = {"brio_date": ("2020-01-02", "datetime.date(2020, 1, 2)"), "brio_decimal": ("1.5", "decimal.Decimal('1.5')"),
           "brio_timedelta": ("PT1H", "datetime.timedelta(hours=1)")}

SCALARS = {
    "brio_datetime": ("datetime.datetime", ["2020-01-02T03:04:05Z", "2020-01-02 03:04", "2020-02-29T00:00:00.5+02:00", 1577836800],
                      ["2021-02-29T00:00", "2020-1-2", "x", "2020-01-02", "1577836800", 1e11, "2020-01-02T25:00"]),
    "brio_date": ("datetime.date", ["2020-01-02", "2000-02-29"], ["2020-13-01", "2020-01-02T00:00:00", "x", 86400, 5.5]),
    "brio_daytime": ("datetime.time", ["03:04", "03:04:05.25", "23:59:59Z"], ["24:00", "1:2", 3600, "x", -1]),
    "brio_timedelta": ("datetime.timedelta", ["P1DT2H", "PT5S", 90, "1:30", "-P1D"], ["P", "x", "1 day", 0.5]),
    "brio_uuid": ("uuid.UUID", ["12345678-1234-5678-1234-567812345678", "{12345678123456781234567812345678}"],
                  ["123", "g2345678-1234-5678-1234-567812345678", 5]),
    "brio_decimal": ("decimal.Decimal", ["1.50", "-3", 2, 0.1, "1e3"], ["x", "nan", "", "1.2.3"]),
    "brio_email": ("EmailStr", ["a@b.co", "Ada <ada@Example.com>"], ["x", "a@b", "a@localhost", "a b@c.de", "@b.co"]),
    "brio_http_url": ("HttpUrl", ["http://a.b/", "https://Example.com:443/x?y#z", "http://[::1]/"],
                      ["ftp://a.b", "x", "http://", "http://a b/", "http://a.b:99999/"]),
    "brio_ipv4": ("ipaddress.IPv4Address", ["1.2.3.4"], ["1.2.3", "256.1.1.1", "01.2.3.4", 5, "::1"]),
    "brio_ipv6": ("ipaddress.IPv6Address", ["::1", "2001:DB8::0:1", "fe80::1%eth0"], ["1.2.3.4", ":::", "::g", 7, "1::2::3"]),
    "brio_ip": ("IPvAnyAddress", ["1.2.3.4", "::1"], ["1.2.3.4.5", "x", 9, -1]),
    "brio_ipv4_network": ("ipaddress.IPv4Network", ["10.0.0.0/8", "1.2.3.4", "1.2.3.0/255.255.255.0"], ["1.2.3.4/8", "1.2.3.0/33", 7]),
    "brio_ip_interface": ("IPvAnyInterface", ["10.1.2.3/8", "fe80::1/64"], ["10.1.2.3/", "x/8", True]),
    "brio_url": ("AnyUrl", ["http://a.b/", "mailto:x@y.z", "a+b://c/d?e", "file:///x"], ["x", "://", "1http://x", ""]),
    "brio_secret": ("SecretStr", ["abc", ""], [1, None]),
    "brio_file_path": ("pathlib.Path", ["a/b", "/x", ".", "a//b/./c"], [1, "\x00"]),
    "brio_bytes": ("bytes", ["abc", "é", ""], [1, None]),
}


class Collection(Type):
    named = True
    flat = False

    def __init__(self, rng, name, item, kind):
        super().__init__(name, f"{kind}[{item.annotation()}]")
        self.item, self.kind = item, kind
        if rng.random() < 0.3:
            self.constrain(rng, ".max_length = 3", "max_length=3")
        if rng.random() < 0.2:
            self.constrain(rng, ".min_length = 1", "min_length=1")

    def declare(self, out):
        opts = ", ".join(["", *self.item.c_opts])
        macro = {"list": f"BRIO_LIST({self.c}, ", "set": f"BRIO_LIST_AS({self.c}, BRIO_SET, "}[self.kind]
        out.c.append(f"{macro}{self.item.c}{opts});")

    def value(self, rng):
        return [self.item.value(rng) for _ in range(rng.choice([0, 1, 2, 2, 3, 4]))]


class Dict(Type):
    named = True
    flat = False

    def __init__(self, rng, name, key, item):
        super().__init__(name, f"dict[{key.py}, {item.annotation()}]")
        self.key, self.item = key, item

    def declare(self, out):
        opts = ", ".join(["", *self.item.c_opts])
        out.c.append(f"BRIO_DICT({self.c}, {self.key.c}, {self.item.c}{opts});")

    def value(self, rng):
        keys = ["1", "a", "", "-5", "é"]
        return {rng.choice(keys): self.item.value(rng) for _ in range(rng.randint(0, 3))}


class Tuple(Type):
    """A struct in C, an array of so many items on the wire."""
    named = True
    flat = False

    def __init__(self, rng, name, items):
        super().__init__(name, f"tuple[{', '.join(i.annotation() for i in items)}]")
        self.items = items

    def declare(self, out):
        fields = [Field.plain(f"at{i}", item) for i, item in enumerate(self.items)]
        members = " ".join(f.member() + ";" for f in fields)
        out.c.append(f"typedef struct {self.c} {{ {members} }} {self.c};\nBRIO_TUPLE({self.c}, "
                     + ", ".join(f.row("FIELD") for f in fields) + ");")

    def value(self, rng):
        made = [item.value(rng) for item in self.items]
        return rng.choice([made, made, made, made[1:], made + [1]])


class Union(Type):
    """Smart mode: of several scalars, or of several models."""
    named = True
    flat = False

    def __init__(self, rng, name, cases):
        super().__init__(name, " | ".join(c.annotation() for c in cases))
        self.cases = cases

    def declare(self, out):
        members = " ".join(f"{c.c} as{i};" for i, c in enumerate(self.cases))
        rows = [f"BRIO_CASE({', '.join([f'as{i}', c.c, *c.c_opts])})" for i, c in enumerate(self.cases)]
        out.c.append(f"typedef struct {self.c} {{\n    int which;\n    union {{ {members} }};\n}} {self.c};\n"
                     f"BRIO_UNION({self.c}, {', '.join(rows)});")

    def value(self, rng):
        return rng.choice(self.cases).value(rng)


class Model(Type):
    named = True
    flat = False

    def __init__(self, rng, name, fields):
        super().__init__(name, name)
        self.fields = fields
        self.forbid = rng.random() < 0.25
        self.described = rng.random() < 0.3

    def declare(self, out):
        members = "\n".join(f"    {f.member()};" for f in self.fields)
        config = []
        if self.forbid:
            config.append(".extra = BRIO_EXTRA_FORBID")
        if self.described:
            config.append(f'.description = "About {self.c}"')
        rows = [f"BRIO_CONFIG({', '.join(config)})"] if config else []
        rows += [f.row("FIELD") for f in self.fields]
        out.c.append(f"typedef struct {self.c} {{\n{members}\n}} {self.c};\nBRIO_MODEL({self.c}, " + ",\n           ".join(rows) + ");")
        lines = ([f'    """About {self.c}"""'] if self.described else []) + (["    model_config = {'extra': 'forbid'}"] if self.forbid else [])
        lines += [f"    {f.name}: {f.annotation('Field')}" for f in self.fields]
        out.py.append(f"class {self.py}(BaseModel):\n" + "\n".join(lines))

    def value(self, rng):
        made = {f.wire(): f.value(rng) for f in self.fields if not (f.optional() and rng.random() < 0.4) and rng.random() < 0.95}
        if rng.random() < 0.1:
            made[rng.choice(WORDS)] = rng.choice(JUNK)
        return made


class Field:
    """A member of a model, or a parameter."""
    @staticmethod
    def plain(name, type):
        field = Field.__new__(Field)
        field.name, field.type = name, type
        field.nullable, field.alias, field.default, field.described = False, None, None, False
        return field

    def __init__(self, rng, name, type):
        self.name, self.type = name, type
        self.nullable = rng.random() < 0.3
        self.alias = name + "Alias" if rng.random() < 0.15 else None
        self.default = None
        if not self.nullable and rng.random() < 0.2 and isinstance(type, (Bool, Integer)) and not type.c_opts:
            self.default = rng.choice(["true", "false"]) if isinstance(type, Bool) else "7"
        self.described = rng.random() < 0.15

    def optional(self):
        return self.nullable or self.default is not None

    def wire(self):
        return self.alias or self.name

    def member(self):
        return f"{self.type.c} {'*' if self.nullable else ''}{self.name}"

    def row(self, where):
        opts = list(self.type.c_opts)
        if self.alias:
            opts.append(f'.alias = "{self.alias}"')
        if self.default is not None:
            opts.append(f'.def = "{self.default}"')
        if self.described:
            opts.append('.description = "A \\"field\\"", .deprecated = true')
        named = [self.type.c] if self.type.named else []
        return f"BRIO_{where}{'_AS' if named else ''}({', '.join([self.name, *named, *opts])})"

    def annotation(self, function):
        opts = []
        if self.alias:
            opts.append(f"alias={self.alias!r}")
        if self.described:
            opts.append("description='A \"field\"', deprecated=True")
        outer = [] if self.nullable else self.type.py_opts
        inner = self.type.annotation() if self.nullable else self.type.py
        text = f"{inner} | None" if self.nullable else inner
        text = f"Annotated[{text}, {function}({', '.join([*outer, *opts])})]"
        if self.nullable:
            return text + " = None"
        return text + (f" = {json.loads(self.default)!r}" if self.default is not None else "")

    def value(self, rng):
        chance = rng.random()
        if chance < 0.06:
            return rng.choice(JUNK)
        if chance < 0.15 and self.nullable:
            return None
        return self.type.value(rng)


class Output:
    def __init__(self):
        self.c, self.py = [], []


class Maker:
    """Makes types and remembers those that need a declaration, in order."""
    def __init__(self, rng, scalars):
        self.rng, self.types, self.count, self.scalars = rng, [], 0, scalars

    def name(self, prefix):
        self.count += 1
        return f"{prefix}{self.count}"

    def keep(self, type):
        self.types.append(type)
        return type

    def scalar(self):
        rng = self.rng
        kind = rng.choice([Integer, Integer, Float, Bool, Text, Text, Literal, Enum, Scalar, Scalar, Scalar])
        if kind is Scalar and self.scalars:
            c = rng.choice(self.scalars)
            return Scalar(rng, c, *SCALARS[c])
        if kind is Enum:
            return self.keep(Enum(rng, self.name("Color")))
        return (Text if kind is Scalar else kind)(rng)

    def item(self, depth):
        """What a list or dict may hold."""
        return self.model(depth - 1) if depth > 0 and self.rng.random() < 0.4 else self.scalar()

    def any(self, depth):
        chance = self.rng.random()
        if depth <= 0 or chance < 0.6:
            return self.scalar()
        if chance < 0.7:
            return self.model(depth - 1)
        if chance < 0.76:
            return self.keep(Tuple(self.rng, self.name("Tuple"), [self.scalar() for _ in range(self.rng.randint(1, 3))]))
        if chance < 0.84:
            return self.union(depth)
        if chance < 0.93:
            item = self.item(depth)
            hashable = not isinstance(item, Model)
            kind = "set" if hashable and self.rng.random() < 0.3 and not isinstance(item, Float) else "list"
            return self.keep(Collection(self.rng, self.name("List"), item, kind))
        key = self.rng.choice([Integer(self.rng), Text(self.rng)])
        key.c_opts, key.py_opts = [], []
        return self.keep(Dict(self.rng, self.name("Dict"), key, self.item(depth)))

    def union(self, depth):
        if self.rng.random() < 0.4:
            cases = [self.model(0) for _ in range(self.rng.randint(2, 3))]
        else:
            kinds = self.rng.sample([Integer, Float, Bool, Text], self.rng.randint(2, 3))
            cases = [kind(self.rng) for kind in kinds]
        return self.keep(Union(self.rng, self.name("Union"), cases))

    def fields(self, make, most):
        names = self.rng.sample(WORDS, self.rng.randint(1, most))
        return [Field(self.rng, name, make()) for name in names]

    def model(self, depth):
        fields = self.fields(lambda: self.any(depth), 5)
        return self.keep(Model(self.rng, self.name("Model"), fields))

    def flat(self):
        while True:
            type = self.scalar()
            if type.flat:
                return type
