/* SPDX-License-Identifier: MIT
 *
 * Statements: pieces in order, tags by their first word. A body ends at a tag
 * that is no statement; who opened it says which words may close it. */
#include "template/template_internal.h"

static brio_tpl_stmt *parse_body(brio_tpl_reader *r);

static brio_tpl_stmt *stmt(brio_tpl_reader *r, brio_tpl_verb verb)
{
    brio_tpl_stmt *s = BRIO_NEW(r->arena, brio_tpl_stmt);
    *s = (brio_tpl_stmt){.verb = verb, .line = r->line};
    return s;
}

/* ---- Tags --------------------------------------------------------------------- */

/* The closing tag; its word is at hand. */
static void end_tag(brio_tpl_reader *r, const char *word, int opened)
{
    if (!brio_tpl_is(r, BRIO_TPL_WORD, word)) {
        if (r->err == 0 && r->at >= r->text.len && r->token == BRIO_TPL_END)
            brio_tpl_wrong(r, "no '%s' for what line %d opened", word, opened);
        else
            brio_tpl_wrong(r, "expected '%s' for what line %d opened, found '%.*s'", word, opened,
                           BRIO_ARG(r->word));
        return;
    }
    brio_tpl_next_token(r);
}

/* Behind the condition of an if or elif. */
static brio_tpl_stmt *parse_if(brio_tpl_reader *r)
{
    brio_tpl_stmt *first = NULL, **place = &first;
    int opened = r->line;
    do {
        brio_tpl_stmt *s = stmt(r, BRIO_TPL_IF);
        s->expr = brio_tpl_parse_expr(r);
        brio_tpl_expect(r, BRIO_TPL_END, NULL);
        s->body = parse_body(r);
        *place = s;
        place = &s->otherwise;
    } while (brio_tpl_take(r, BRIO_TPL_WORD, "elif"));
    if (brio_tpl_take(r, BRIO_TPL_WORD, "else")) {
        brio_tpl_expect(r, BRIO_TPL_END, NULL);
        *place = parse_body(r);
    }
    end_tag(r, "endif", opened);
    return first;
}

static brio_tpl_stmt *parse_for(brio_tpl_reader *r)
{
    brio_tpl_stmt *s = stmt(r, BRIO_TPL_FOR);
    s->name = brio_tpl_take_name(r);
    if (brio_tpl_take(r, BRIO_TPL_SIGN, ","))
        s->second = brio_tpl_take_name(r);
    brio_tpl_expect(r, BRIO_TPL_WORD, "in");
    s->expr = brio_tpl_parse_or(r);
    if (brio_tpl_take(r, BRIO_TPL_WORD, "if"))
        s->only = brio_tpl_parse_expr(r);
    brio_tpl_expect(r, BRIO_TPL_END, NULL);
    s->body = parse_body(r);
    if (brio_tpl_take(r, BRIO_TPL_WORD, "else")) {
        brio_tpl_expect(r, BRIO_TPL_END, NULL);
        s->otherwise = parse_body(r);
    }
    end_tag(r, "endfor", s->line);
    return s;
}

/* With "=" a value, without it all up to endset. */
static brio_tpl_stmt *parse_set(brio_tpl_reader *r)
{
    brio_tpl_stmt *s = stmt(r, BRIO_TPL_SET);
    s->name = brio_tpl_take_name(r);
    if (brio_tpl_take(r, BRIO_TPL_SIGN, "=")) {
        s->expr = brio_tpl_parse_expr(r);
        return s;
    }
    brio_tpl_expect(r, BRIO_TPL_END, NULL);
    s->body = parse_body(r);
    end_tag(r, "endset", s->line);
    return s;
}

/* Its variables are set statements before the body. */
static brio_tpl_stmt *parse_with(brio_tpl_reader *r)
{
    brio_tpl_stmt *s = stmt(r, BRIO_TPL_WITH), **last = &s->body;
    while (r->err == 0 && !brio_tpl_is(r, BRIO_TPL_END, NULL)) {
        brio_tpl_stmt *set = stmt(r, BRIO_TPL_SET);
        set->name = brio_tpl_take_name(r);
        brio_tpl_expect(r, BRIO_TPL_SIGN, "=");
        set->expr = brio_tpl_parse_expr(r);
        *last = set;
        last = &set->next;
        if (!brio_tpl_take(r, BRIO_TPL_SIGN, ","))
            break;
    }
    brio_tpl_expect(r, BRIO_TPL_END, NULL);
    *last = parse_body(r);
    end_tag(r, "endwith", s->line);
    return s;
}

static brio_tpl_stmt *parse_block(brio_tpl_reader *r)
{
    brio_tpl_stmt *s = stmt(r, BRIO_TPL_BLOCK);
    s->name = brio_tpl_take_name(r);
    for (const brio_tpl_stmt *b = r->tpl->blocks; b; b = b->next_block)
        if (brio_str_eq(b->name, s->name))
            brio_tpl_wrong(r, "a second block '%.*s'", BRIO_ARG(s->name));
    s->next_block = r->tpl->blocks;
    r->tpl->blocks = s;
    brio_tpl_expect(r, BRIO_TPL_END, NULL);
    s->body = parse_body(r);
    end_tag(r, "endblock", s->line);
    if (brio_tpl_is(r, BRIO_TPL_WORD, NULL) && !brio_str_eq(r->word, s->name))
        brio_tpl_wrong(r, "the end of block '%.*s', not of '%.*s'", BRIO_ARG(r->word),
                       BRIO_ARG(s->name));
    (void)brio_tpl_take(r, BRIO_TPL_WORD, NULL);
    return s;
}

static brio_tpl_stmt *parse_include(brio_tpl_reader *r)
{
    brio_tpl_stmt *s = stmt(r, BRIO_TPL_INCLUDE);
    s->expr = brio_tpl_parse_expr(r);
    if (brio_tpl_take(r, BRIO_TPL_WORD, "ignore")) {
        brio_tpl_expect(r, BRIO_TPL_WORD, "missing");
        s->optional = true;
    }
    return s;
}

static brio_tpl_stmt *parse_extends(brio_tpl_reader *r)
{
    brio_tpl_stmt *s = stmt(r, BRIO_TPL_EXTENDS);
    if (r->tpl->extends || r->height > 1)
        brio_tpl_wrong(r, "extends belongs once at the top of a template");
    r->tpl->extends = s;
    s->expr = brio_tpl_parse_expr(r);
    return s;
}

static brio_tpl_stmt *parse_raw(brio_tpl_reader *r)
{
    brio_tpl_stmt *s = stmt(r, BRIO_TPL_TEXT);
    if (!brio_tpl_is(r, BRIO_TPL_END, NULL))
        brio_tpl_expect(r, BRIO_TPL_END, NULL);
    else
        s->name = brio_tpl_raw(r);
    return s;
}

/* NULL: the word at hand begins no statement, so it ends the body. */
static brio_tpl_stmt *parse_tag(brio_tpl_reader *r)
{
    static const struct {
        const char *word;
        brio_tpl_stmt *(*parse)(brio_tpl_reader *r);
    } tags[] = {{"if", parse_if},           {"for", parse_for},     {"set", parse_set},
                {"with", parse_with},       {"block", parse_block}, {"include", parse_include},
                {"extends", parse_extends}, {"raw", parse_raw}};
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        if (!brio_tpl_take(r, BRIO_TPL_WORD, tags[i].word))
            continue;
        brio_tpl_stmt *s = tags[i].parse(r);
        if (tags[i].parse != parse_raw)
            brio_tpl_expect(r, BRIO_TPL_END, NULL);
        return s;
    }
    if (brio_tpl_is(r, BRIO_TPL_END, NULL))
        brio_tpl_wrong(r, "an empty tag");
    return NULL;
}

/* ---- Bodies ------------------------------------------------------------------- */

static brio_tpl_stmt *parse_print(brio_tpl_reader *r)
{
    brio_tpl_stmt *s = stmt(r, BRIO_TPL_PRINT);
    s->expr = brio_tpl_parse_expr(r);
    brio_tpl_expect(r, BRIO_TPL_END, NULL);
    return s;
}

static brio_tpl_stmt *parse_piece(brio_tpl_reader *r)
{
    brio_str text;
    brio_tpl_stmt *s;
    switch (brio_tpl_next_piece(r, &text)) {
    case BRIO_TPL_PIECE_TEXT:
        s = stmt(r, BRIO_TPL_TEXT);
        s->name = text;
        return s;
    case BRIO_TPL_PIECE_PRINT:
        return parse_print(r);
    case BRIO_TPL_PIECE_TAG:
        return parse_tag(r);
    default:
        r->token = r->err < 0 ? BRIO_TPL_WRONG : BRIO_TPL_END;
        return NULL;
    }
}

static brio_tpl_stmt *parse_body(brio_tpl_reader *r)
{
    brio_tpl_stmt *first = NULL, **last = &first, *s;
    if (r->err < 0 || ++r->height > BRIO_TPL_HEIGHT) {
        brio_tpl_wrong(r, "blocks in blocks, more than %d", BRIO_TPL_HEIGHT);
        return NULL;
    }
    while (r->err == 0 && (s = parse_piece(r)) != NULL) {
        *last = s;
        last = &s->next;
    }
    r->height--;
    return first;
}

static bool escapes(brio_str name)
{
    static const char *const ends[] = {".html", ".htm", ".xml", ".xhtml"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (name.len > strlen(ends[i]) &&
            brio_str_eq_nocase(brio_str_slice(name, name.len - strlen(ends[i]), SIZE_MAX),
                               brio_str_from(ends[i])))
            return true;
    return false;
}

int brio_tpl_compile(brio_arena *arena, brio_str name, brio_str text, brio_tpl **ret)
{
    brio_tpl *tpl = BRIO_NEW(arena, brio_tpl);
    *tpl = (brio_tpl){.name = brio_str_copy(arena, name), .escapes = escapes(name)};
    if (brio_str_ends(text, BRIO_S("\n")))
        text.len -= text.len > 1 && text.ptr[text.len - 2] == '\r' ? 2 : 1;
    brio_tpl_reader r = {.arena = arena, .tpl = tpl, .text = text, .line = 1};
    tpl->body = parse_body(&r);
    if (r.err == 0 && r.token == BRIO_TPL_WORD)
        brio_tpl_wrong(&r, "unexpected '%.*s'", BRIO_ARG(r.word));
    else if (r.err == 0 && r.token != BRIO_TPL_END)
        brio_tpl_wrong(&r, "a tag that begins with no word");
    *ret = tpl;
    return r.err;
}
