/* SPDX-License-Identifier: MIT
 *
 * JSON inside a string is not read by Python's json module but by pydantic's
 * own parser, which has other words for what is wrong and counts lines and
 * columns. The fault our parser found is told again in its words; the column
 * is that of the last byte it took. */
#include "model/model_internal.h"

typedef struct telling {
    brio_str text;
    size_t at; /* the first byte that does not fit, behind white space; or text.len */
    const char *why;
    size_t taken; /* bytes */
} telling;

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static char before(const telling *t)
{
    size_t i = t->at;
    while (i > 0 && is_space(t->text.ptr[i - 1]))
        i--;
    return i ? t->text.ptr[i - 1] : '\0';
}

static void say(telling *t, const char *why, size_t taken)
{
    t->why = why;
    t->taken = taken < t->text.len ? taken : t->text.len;
}

/* The bracket that is open at `end`: '[', '{' or 0. Strings before it are whole. */
static char open_bracket(brio_str text, size_t end)
{
    size_t closed = 0;
    bool quoted = false;
    for (size_t i = end; i-- > 0;) {
        char c = text.ptr[i];
        size_t slashes = 0;
        while (c == '"' && slashes < i && text.ptr[i - 1 - slashes] == '\\')
            slashes++;
        if (c == '"' && slashes % 2 == 0)
            quoted = !quoted;
        if (quoted)
            continue;
        if (c == ']' || c == '}')
            closed++;
        if ((c == '[' || c == '{') && closed-- == 0)
            return c;
    }
    return '\0';
}

/* A word that begins like one of JSON's. */
static void say_word(telling *t)
{
    static const char *const words[] = {"true", "false", "null", "NaN", "Infinity", "-Infinity"};
    brio_str rest = brio_str_slice(t->text, t->at, SIZE_MAX);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t same = 0, n = strlen(words[i]);
        while (same < n && same < rest.len && rest.ptr[same] == words[i][same])
            same++;
        if (same == 0)
            continue;
        if (same == rest.len)
            say(t, "EOF while parsing a value", t->text.len);
        else if (same > 1 || words[i][0] != '-')
            say(t, "expected ident", t->at + same + 1);
        else
            say(t, "invalid number", t->at + same + 1);
        return;
    }
    say(t, "expected value", t->at + 1);
}

static void say_value(telling *t)
{
    if (t->at == t->text.len)
        say(t, before(t) == '[' ? "EOF while parsing a list" : "EOF while parsing a value", t->at);
    else if (t->text.ptr[t->at] == ']' && before(t) == ',')
        say(t, "trailing comma", t->at + 1);
    else
        say_word(t);
}

static void say_key(telling *t)
{
    if (t->at == t->text.len)
        say(t, before(t) == ',' ? "EOF while parsing a value" : "EOF while parsing an object",
            t->at);
    else if (t->text.ptr[t->at] == '}' && before(t) == ',')
        say(t, "trailing comma", t->at + 1);
    else
        say(t, "key must be a string", t->at + 1);
}

static void say_comma(telling *t)
{
    bool list = open_bracket(t->text, t->at) == '[';
    if (t->at == t->text.len)
        say(t, list ? "EOF while parsing a list" : "EOF while parsing an object", t->at);
    else
        say(t, list ? "expected `,` or `]`" : "expected `,` or `}`", t->at + 1);
}

/* Behind a whole value; a number may have been meant to go on. */
static void say_extra(telling *t)
{
    char c = t->text.ptr[t->at], last = t->at ? t->text.ptr[t->at - 1] : '\0';
    bool digit = last >= '0' && last <= '9';
    if (last == '0' && c >= '0' && c <= '9')
        say(t, "invalid number", t->at + 1);
    else if (digit && strchr(".eE", c) && t->at + 1 == t->text.len)
        say(t, "EOF while parsing a value", t->text.len);
    else
        say(t, "trailing characters", t->at + 1);
}

static void tell(telling *t, const char *message)
{
    if (strcmp(message, "Expecting value") == 0)
        say_value(t);
    else if (strcmp(message, "Expecting property name enclosed in double quotes") == 0)
        say_key(t);
    else if (strcmp(message, "Expecting ',' delimiter") == 0)
        say_comma(t);
    else if (strcmp(message, "Expecting ':' delimiter") == 0)
        say(t, t->at == t->text.len ? "EOF while parsing an object" : "expected `:`", t->at + 1);
    else if (strcmp(message, "Extra data") == 0)
        say_extra(t);
    else if (strcmp(message, "Unterminated string starting at") == 0)
        say(t, "EOF while parsing a string", t->text.len);
    else if (strcmp(message, "Invalid control character at") == 0)
        say(t, "control character (\\u0000-\\u001F) found while parsing a string", t->at + 1);
    else
        say(t, "invalid escape", t->at + 2);
}

brio_str brio_json_rust_words(brio_arena *arena, brio_str text, const brio_json_fault *fault)
{
    telling t = {.text = text, .at = fault->byte};
    bool in_string = strncmp(fault->message, "Invalid", 7) == 0;
    while (!in_string && t.at < text.len && is_space(text.ptr[t.at]))
        t.at++;
    tell(&t, fault->message);
    size_t line = 1, begin = 0;
    for (size_t i = 0; i < t.taken; i++)
        if (text.ptr[i] == '\n') {
            line++;
            begin = i + 1;
        }
    return brio_printf(arena, "%s at line %zu column %zu", t.why, line, t.taken - begin);
}
