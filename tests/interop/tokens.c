/* SPDX-License-Identifier: MIT
 *
 * The crypt room for tokens.py: each line of standard input is a JSON object
 * that asks for one thing; the answer is a line {"value": ...} or {"error":
 * "BRIO_E..."}. All in one task, on the stack that tasks have. */
#include <brio/crypt.h>
#include <brio/model.h>
#include <brio/task.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct question {
    brio_arena *arena;
    const brio_json *ask;
    brio_json answer;
} question;

static brio_str text_of(const question *q, const char *name)
{
    const brio_json *v = brio_json_get(q->ask, brio_str_from(name));
    return v && v->type == BRIO_JSON_STR ? v->str : (brio_str){0};
}

static const char *name_of(const question *q, const char *name)
{
    brio_str s = text_of(q, name);
    return s.len ? brio_cstr(q->arena, s) : NULL;
}

static int number_of(const question *q, const char *name)
{
    const brio_json *v = brio_json_get(q->ask, brio_str_from(name));
    return v && v->type == BRIO_JSON_INT ? (int)v->integer : 0;
}

static int key_of(const question *q, brio_jwt_key *ret, brio_pem **ret_pem)
{
    static const char *const names[] = {"", "HS256", "HS384", "HS512", "RS256", "ES256"};
    brio_str alg = text_of(q, "alg"), pem = text_of(q, "pem");
    *ret = (brio_jwt_key){.secret = text_of(q, "secret"), .id = name_of(q, "kid")};
    for (size_t i = 1; i < sizeof names / sizeof *names; i++)
        if (brio_str_eq(alg, brio_str_from(names[i])))
            ret->algorithm = (brio_jwt_algorithm)i;
    *ret_pem = NULL;
    int rc = pem.len ? brio_pem_new(ret_pem, pem) : 0;
    ret->pem = *ret_pem;
    return rc;
}

static int jwt(question *q, bool sign)
{
    brio_jwt_key key;
    brio_pem *pem;
    brio_str token;
    int rc = key_of(q, &key, &pem);
    if (rc >= 0 && sign) {
        brio_jwt_signing signing = {.key = &key,
                                    .expires_in = BRIO_SEC(number_of(q, "expires_in"))};
        rc = brio_jwt_sign(q->arena, &signing, brio_json_get(q->ask, BRIO_S("claims")), &token);
        q->answer = rc < 0 ? q->answer : brio_json_from_str(token);
    } else if (rc >= 0) {
        brio_jwt_check check = {
            .key = &key, .audience = name_of(q, "audience"), .issuer = name_of(q, "issuer")};
        rc = brio_jwt_verify(q->arena, &check, text_of(q, "token"), &q->answer);
    }
    brio_pem_free(pem);
    return rc;
}

static int password(question *q, bool hash)
{
    brio_password_cost cost = {.memory = (uint32_t)number_of(q, "memory"),
                               .passes = (uint32_t)number_of(q, "passes"),
                               .lanes = (uint32_t)number_of(q, "lanes")};
    brio_str given = text_of(q, "password"), text;
    if (!hash)
        return brio_password_verify(given, text_of(q, "hash"));
    int rc = brio_password_hash(q->arena, given, &cost, &text);
    if (rc >= 0)
        q->answer = brio_json_from_str(text);
    return rc;
}

static int seal(question *q, brio_str what)
{
    brio_str secret = text_of(q, "secret"), in = text_of(q, "text"), out;
    brio_seal s = {.purpose = "interop", .secrets = &secret, .n_secrets = 1};
    int rc = -EINVAL;
    if (brio_str_eq(what, BRIO_S("sign")))
        rc = brio_seal_sign(q->arena, &s, in, &out);
    else if (brio_str_eq(what, BRIO_S("unsign")))
        rc = brio_seal_unsign(q->arena, &s, in, &out);
    else if (brio_str_eq(what, BRIO_S("encrypt")))
        rc = brio_seal_encrypt(q->arena, &s, in, &out);
    else if (brio_str_eq(what, BRIO_S("decrypt")))
        rc = brio_seal_decrypt(q->arena, &s, in, &out);
    if (rc >= 0)
        q->answer = brio_json_from_str(out);
    return rc;
}

static int answer(question *q)
{
    brio_str what = text_of(q, "do");
    if (brio_str_starts(what, BRIO_S("jwt")))
        return jwt(q, brio_str_eq(what, BRIO_S("jwt_sign")));
    if (brio_str_starts(what, BRIO_S("password")))
        return password(q, brio_str_eq(what, BRIO_S("password_hash")));
    return seal(q, what);
}

static void answer_line(brio_arena *arena, brio_str line)
{
    brio_json ask;
    question q = {.arena = arena, .ask = &ask};
    brio_buf out = {0};
    brio_json_writer w = {.out = &out};
    int rc = brio_json_parse(arena, line, NULL, &ask, NULL);
    rc = rc < 0 ? rc : answer(&q);
    brio_json_begin(&w, '{');
    brio_json_key(&w, rc < 0 ? BRIO_S("error") : BRIO_S("value"));
    if (rc < 0)
        brio_json_str(&w, brio_str_from(brio_error_name(rc)));
    else
        brio_json_value(&w, &q.answer);
    brio_json_end(&w, '}');
    printf("%.*s\n", BRIO_ARG(brio_buf_str(&out)));
    fflush(stdout);
    brio_buf_fini(&out);
}

static int answer_all(void *arg)
{
    brio_arena arena;
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    (void)arg;
    brio_arena_init(&arena, 0);
    while ((n = getline(&line, &cap, stdin)) > 0) {
        answer_line(&arena, (brio_str){line, (size_t)n});
        brio_arena_reset(&arena);
    }
    free(line);
    brio_arena_fini(&arena);
    return 0;
}

int main(void)
{
    return brio_run(answer_all, NULL, NULL) < 0;
}
