/* SPDX-License-Identifier: MIT
 *
 * TLS between two brio streams: what is agreed upon, what is refused, ends.
 * Certificates are made with the openssl command, once per run. */
#include "io/bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef BRIO_WITH_OPENSSL

/* ---- Certificates ------------------------------------------------------- */

static char pki[64];

static const char *in_pki(const char *name)
{
    static char paths[8][128];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, 128, "%s/%s", pki, name);
    return path;
}

static void forget_pki(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", pki);
    CHECK_INT(system(command), 0);
}

/* A root, and under it one certificate per name: NAME.pem with its key inside. */
static void make_pki(void)
{
    static const char script[] =
        "cd %s && ec='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30' && "
        "openssl req -x509 $ec -keyout ca.key -out ca.pem -subj '/CN=Test root' 2>/dev/null && "
        "issue() { openssl req $ec -keyout $1.key -out $1.csr -subj \"/O=Test/CN=$1\" 2>/dev/null "
        "&& "
        "printf 'subjectAltName=%%s\\n' \"$2\" > $1.ext && "
        "openssl x509 -req -in $1.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 "
        "-extfile $1.ext -out $1.crt 2>/dev/null && cat $1.key $1.crt > $1.pem; } && "
        "issue one.test 'DNS:one.test,IP:127.0.0.1' && issue two.test 'DNS:two.test' && "
        "issue wild.test 'DNS:*.wild.test' && issue client 'DNS:client'";
    snprintf(pki, sizeof pki, "/tmp/brio-tls-XXXXXX");
    CHECK(mkdtemp(pki));
    char command[2048];
    snprintf(command, sizeof command, script, pki);
    CHECK_INT(system(command), 0);
}

#define TLS_TEST(id)                                                                               \
    static int id(void *arg);                                                                      \
    IO_ON_PKI(id, epoll, .backend = BRIO_BACKEND_EPOLL)                                            \
    IO_ON_PKI(id, uring, .backend = BRIO_BACKEND_URING)                                            \
    IO_ON_PKI(id, sim, .backend = BRIO_BACKEND_SIM)                                                \
    IO_ON_PKI(id, bytewise, .backend = BRIO_BACKEND_SIM, .sim = {.max_segment = 1})                \
    static int id(void *arg __attribute__((unused)))
#define IO_ON_PKI(id, suffix, ...)                                                                 \
    TEST(tls_##id##_##suffix)                                                                      \
    {                                                                                              \
        make_pki();                                                                                \
        bed_run(&(brio_loop_options){__VA_ARGS__}, id);                                            \
        forget_pki();                                                                              \
    }

static brio_tls_context *server_context(const char *alpn)
{
    brio_tls_context *c = NULL;
    brio_tls_options o = {.server = true, .cert_file = in_pki("one.test.pem"), .alpn = alpn};
    CHECK_OK(brio_tls_context_new(&c, &o));
    return c;
}

static brio_tls_context *client_context(void)
{
    brio_tls_context *c = NULL;
    CHECK_OK(brio_tls_context_new(&c, &(brio_tls_options){.ca_file = in_pki("ca.pem")}));
    return c;
}

/* ---- Shaking hands ------------------------------------------------------ */

typedef struct side {
    brio_stream *stream;
    brio_tls_context *context;
    brio_tls_start start;
    int rc;
    char problem[256];
} side;

static void keep_problem(side *s)
{
    brio_str detail = brio_error_detail();
    snprintf(s->problem, sizeof s->problem, "%.*s", BRIO_ARG(detail));
}

static int as_server(void *arg)
{
    side *s = arg;
    s->rc = brio_stream_tls_server(s->stream, s->context, &s->start);
    keep_problem(s);
    return 0;
}

static int as_client(void *arg)
{
    side *s = arg;
    s->rc = brio_stream_tls_client(s->stream, s->context, &s->start);
    keep_problem(s);
    return 0;
}

static void shake(side *server, side *client)
{
    CHECK_OK(brio_gather({as_server, server}, {as_client, client}));
}

typedef struct both {
    pair p;
    side server, client;
} both;

static both secure_pair(void)
{
    both b = {.p = pair_open()};
    b.server = (side){b.p.server, server_context(NULL), {0}, 0, ""};
    b.client = (side){b.p.client, client_context(), {.server_name = "one.test"}, 0, ""};
    shake(&b.server, &b.client);
    CHECK_OK(b.server.rc);
    CHECK_OK(b.client.rc);
    return b;
}

static void both_close(both *b)
{
    pair_close(&b->p);
    brio_tls_context_free(b->server.context);
    brio_tls_context_free(b->client.context);
}

TLS_TEST(bytes_go_both_ways_in_secret)
{
    both b = secure_pair();
    char buf[5];
    brio_str line;
    CHECK_OK(brio_stream_write(b.p.client, BRIO_S("ping\n")));
    CHECK_INT(brio_stream_read_line(b.p.server, 0, &line), 1);
    CHECK_STR(line, "ping");
    CHECK_OK(brio_stream_send(b.p.server, BRIO_S("po")));
    CHECK_OK(brio_stream_send(b.p.server, BRIO_S("ng!")));
    CHECK_OK(brio_stream_read_exactly(b.p.client, buf, 5));
    CHECK(memcmp(buf, "pong!", 5) == 0);
    brio_tls_info info;
    CHECK_OK(brio_stream_tls(b.p.client, &info));
    CHECK(strcmp(info.version, "TLSv1.3") == 0);
    CHECK(info.verified);
    CHECK_INT(info.alpn.len, 0);
    CHECK_OK(brio_stream_tls(b.p.server, &info));
    CHECK_STR(info.server_name, "one.test");
    CHECK(!info.verified);
    CHECK_INT(brio_stream_tls_client(b.p.client, b.client.context, &b.client.start), -EALREADY);
    both_close(&b);
    return 0;
}

TLS_TEST(certificates_can_be_read)
{
    both b = secure_pair();
    brio_tls_certificate cert;
    CHECK_OK(brio_stream_tls_peer(b.p.client, brio_task_arena(), &cert));
    CHECK_STR(cert.subject, "CN=one.test,O=Test");
    CHECK_STR(cert.issuer, "CN=Test root");
    CHECK_STR(cert.names, "one.test,127.0.0.1");
    CHECK(cert.not_after - cert.not_before == 30 * 86400);
    CHECK(cert.der.len > 100);
    CHECK_INT(brio_stream_tls_peer(b.p.server, brio_task_arena(), &cert), -ENOENT);
    both_close(&b);
    pair p = pair_open();
    brio_tls_info info;
    CHECK_INT(brio_stream_tls_peer(p.client, brio_task_arena(), &cert), -ENOTCONN);
    CHECK_INT(brio_stream_tls(p.client, &info), -ENOTCONN);
    pair_close(&p);
    return 0;
}

static int send_much(void *arg)
{
    size_t n = 100000;
    char *data = malloc(n);
    for (size_t i = 0; i < n; i++)
        data[i] = (char)(i * 7 % 251);
    int rc = brio_stream_write(arg, (brio_str){data, n});
    brio_stream_shutdown(arg);
    free(data);
    return rc;
}

static int receive_much(void *arg)
{
    brio_str all;
    int rc = brio_stream_read_all(arg, NULL, 1 << 20, &all);
    if (rc < 0 || all.len != 100000)
        return rc < 0 ? rc : -EIO;
    for (size_t i = 0; i < all.len; i++)
        if ((unsigned char)all.ptr[i] != i * 7 % 251)
            return -EIO;
    return 0;
}

TLS_TEST(much_passes_in_both_directions_at_once)
{
    both b = secure_pair();
    CHECK_OK(brio_gather({send_much, b.p.client}, {send_much, b.p.server},
                         {receive_much, b.p.client}, {receive_much, b.p.server}));
    both_close(&b);
    return 0;
}

/* close_notify is an end; the connection's end without it is not. */
TLS_TEST(an_end_is_told_from_a_truncation)
{
    both b = secure_pair();
    char buf[8];
    CHECK_OK(brio_stream_send(b.p.client, BRIO_S("all")));
    brio_stream_close(b.p.client);
    b.p.client = NULL;
    CHECK_INT(brio_stream_read(b.p.server, buf, 8), 3);
    CHECK_INT(brio_stream_read(b.p.server, buf, 8), 0);
    CHECK(brio_stream_at_end(b.p.server));
    both_close(&b);

    b = secure_pair();
    CHECK_OK(brio_stream_write(b.p.client, BRIO_S("cut")));
    CHECK_OK(brio_stream_read_exactly(b.p.server, buf, 3));
    brio_stream_abort(b.p.client);
    int rc = (int)brio_stream_read(b.p.server, buf, 8);
    CHECK(rc == BRIO_ECLOSED || rc == -ECONNRESET);
    CHECK(brio_error_detail().len > 0);
    both_close(&b);
    return 0;
}

TLS_TEST(half_close_works_in_secret)
{
    both b = secure_pair();
    char buf[8];
    brio_stream_shutdown(b.p.client);
    CHECK_INT(brio_stream_write(b.p.client, BRIO_S("x")), -EPIPE);
    CHECK_INT(brio_stream_read(b.p.server, buf, 8), 0);
    CHECK_OK(brio_stream_write(b.p.server, BRIO_S("answer")));
    CHECK_OK(brio_stream_read_exactly(b.p.client, buf, 6));
    both_close(&b);
    return 0;
}

/* ---- Who is trusted ----------------------------------------------------- */

static void refused(const char *server_name, brio_tls_context *trusting, const char *why)
{
    pair p = pair_open();
    side server = {p.server, server_context(NULL), {0}, 0, ""};
    side client = {p.client, trusting, {.server_name = server_name}, 0, ""};
    shake(&server, &client);
    CHECK_INT(client.rc, BRIO_ETLS);
    if (!strstr(client.problem, why))
        test_fail(__FILE__, __LINE__, "\"%s\" does not say \"%s\"", client.problem, why);
    CHECK_INT(brio_stream_write(p.client, BRIO_S("x")), -EPIPE);
    char byte;
    CHECK(brio_stream_read(p.server, &byte, 1) < 0); /* alert, or nobody there */
    pair_close(&p);
    brio_tls_context_free(server.context);
}

TLS_TEST(strangers_are_refused_in_words)
{
    brio_tls_context *system_roots, *ours = client_context();
    CHECK_OK(brio_tls_context_new(&system_roots, NULL));
    refused("one.test", system_roots, "certificate");
    refused("other.test", ours, "ostname mismatch");
    refused("127.0.0.2", ours, "IP address mismatch");
    brio_tls_context_free(system_roots);
    brio_tls_context_free(ours);
    return 0;
}

TLS_TEST(an_address_may_be_who_answers)
{
    both b = secure_pair();
    both_close(&b);
    pair p = pair_open();
    side server = {p.server, server_context(NULL), {0}, 0, ""};
    side client = {p.client, client_context(), {.server_name = "127.0.0.1"}, 0, ""};
    shake(&server, &client);
    CHECK_OK(client.rc);
    CHECK_INT(brio_stream_tls_client(p.client, server.context, NULL), -EINVAL); /* a server's */
    pair_close(&p);
    CHECK_INT(brio_stream_tls_client(NULL, client.context, NULL), -EINVAL); /* whom to trust? */
    brio_tls_context_free(server.context);
    brio_tls_context_free(client.context);
    return 0;
}

TLS_TEST(clients_may_have_to_show_a_certificate)
{
    brio_tls_context *asks, *shows, *anonymous = client_context();
    CHECK_OK(brio_tls_context_new(&asks, &(brio_tls_options){.server = true,
                                                             .cert_file = in_pki("one.test.pem"),
                                                             .ca_file = in_pki("ca.pem"),
                                                             .verify = BRIO_TLS_VERIFY_REQUIRED}));
    CHECK_OK(brio_tls_context_new(&shows, &(brio_tls_options){.cert_file = in_pki("client.crt"),
                                                              .key_file = in_pki("client.key"),
                                                              .ca_file = in_pki("ca.pem")}));
    for (int known = 0; known < 2; known++) {
        pair p = pair_open();
        side server = {p.server, asks, {0}, 0, ""};
        side client = {p.client, known ? shows : anonymous, {.server_name = "one.test"}, 0, ""};
        shake(&server, &client);
        CHECK_INT(server.rc, known ? 0 : BRIO_ETLS);
        brio_tls_certificate cert;
        if (known) {
            CHECK_OK(brio_stream_tls_peer(p.server, brio_task_arena(), &cert));
            CHECK_STR(cert.names, "client");
        }
        pair_close(&p);
    }
    brio_tls_context_free(asks);
    brio_tls_context_free(shows);
    brio_tls_context_free(anonymous);
    return 0;
}

/* What the server's and the client's verification make of each other. */
static void shaken(const brio_tls_options *server_says, const brio_tls_options *client_says,
                   int want, bool known)
{
    pair p = pair_open();
    side server = {.stream = p.server}, client = {.stream = p.client};
    client.start.server_name = client_says->verify == BRIO_TLS_VERIFY_NONE ? NULL : "one.test";
    CHECK_OK(brio_tls_context_new(&server.context, server_says));
    CHECK_OK(brio_tls_context_new(&client.context, client_says));
    shake(&server, &client);
    CHECK_INT(server.rc, want);
    brio_tls_info info;
    if (want == 0) {
        CHECK_OK(brio_stream_tls(p.server, &info));
        CHECK_INT(info.verified, known);
        CHECK_OK(brio_stream_tls(p.client, &info));
        CHECK_INT(info.verified, client_says->verify != BRIO_TLS_VERIFY_NONE);
    }
    pair_close(&p);
    brio_tls_context_free(server.context);
    brio_tls_context_free(client.context);
}

TLS_TEST(a_certificate_may_be_optional_and_who_answers_be_anybody)
{
    const char *root = in_pki("ca.pem"), *ours = in_pki("one.test.pem");
    const char *theirs = in_pki("client.pem");
    brio_tls_options ask = {
        .server = true, .cert_file = ours, .ca_file = root, .verify = BRIO_TLS_VERIFY_OPTIONAL};
    brio_tls_options silent = {.server = true, .cert_file = ours};
    brio_tls_options plain = {.ca_file = root}, known = {.ca_file = root, .cert_file = theirs};
    brio_tls_options trusting = {.verify = BRIO_TLS_VERIFY_NONE};
    shaken(&ask, &plain, 0, false);
    shaken(&ask, &known, 0, true);
    shaken(&silent, &trusting, 0, false);
    ask.ca_file = in_pki("two.test.crt"); /* somebody else's */
    shaken(&ask, &known, BRIO_ETLS, false);
    shaken(&ask, &plain, 0, false); /* what is not shown is not refused */
    return 0;
}

TLS_TEST(a_key_with_a_password_is_refused_without_asking)
{
    brio_tls_context *c;
    char command[400];
    snprintf(command, sizeof command,
             "openssl ec -in %s -aes128 -passout pass:x -out %s 2>/dev/null",
             in_pki("one.test.key"), in_pki("locked.key"));
    CHECK_INT(system(command), 0);
    brio_tls_options o = {
        .server = true, .cert_file = in_pki("one.test.crt"), .key_file = in_pki("locked.key")};
    CHECK_INT(brio_tls_context_new(&c, &o), BRIO_ETLS);
    CHECK(brio_str_find(brio_error_detail(), BRIO_S("locked.key")) >= 0);
    o.key_file = NULL;
    o.cert_file = in_pki("one.test.pem");
    o.ca_file = in_pki("one.test.key"); /* no certificate in it */
    o.verify = BRIO_TLS_VERIFY_REQUIRED;
    CHECK_INT(brio_tls_context_new(&c, &o), BRIO_ETLS);
    CHECK(brio_str_find(brio_error_detail(), BRIO_S("one.test.key")) >= 0);
    return 0;
}

TLS_TEST(names_choose_certificates)
{
    static const struct {
        const char *asked, *answered;
    } cases[] = {{"two.test", "CN=two.test,O=Test"},
                 {"a.wild.test", "CN=wild.test,O=Test"},
                 {"one.test", "CN=one.test,O=Test"}};
    brio_tls_context *server = server_context(NULL), *client = client_context();
    const char *two = in_pki("two.test.pem"), *wild = in_pki("wild.test.pem");
    CHECK_OK(brio_tls_context_add_host(server, "two.test", two, NULL));
    CHECK_OK(brio_tls_context_add_host(server, "*.wild.test", wild, NULL));
    CHECK_INT(brio_tls_context_add_host(server, "TWO.test", two, NULL), -EEXIST);
    CHECK_INT(brio_tls_context_add_host(server, "x.test", "/nonexistent", NULL), -ENOENT);
    CHECK_INT(brio_tls_context_add_host(client, "x.test", two, NULL), -EINVAL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pair p = pair_open();
        side s = {p.server, server, {0}, 0, ""};
        side c = {p.client, client, {.server_name = cases[i].asked}, 0, ""};
        shake(&s, &c);
        CHECK_OK(c.rc);
        brio_tls_certificate cert;
        CHECK_OK(brio_stream_tls_peer(p.client, brio_task_arena(), &cert));
        CHECK_STR(cert.subject, cases[i].answered);
        pair_close(&p);
    }
    brio_tls_context_free(server);
    brio_tls_context_free(client);
    return 0;
}

/* ---- What is agreed upon ------------------------------------------------ */

static int agreed(const char *ours, const char *theirs, brio_str *ret)
{
    static char text[32];
    pair p = pair_open();
    side server = {p.server, server_context(ours), {0}, 0, ""};
    side client = {p.client, client_context(), {.server_name = "one.test", .alpn = theirs}, 0, ""};
    shake(&server, &client);
    brio_tls_info info;
    *ret = (brio_str){0};
    if (client.rc == 0) {
        CHECK_OK(brio_stream_tls(p.client, &info));
        snprintf(text, sizeof text, "%.*s", BRIO_ARG(info.alpn));
        *ret = brio_str_from(text);
    }
    pair_close(&p);
    brio_tls_context_free(server.context);
    brio_tls_context_free(client.context);
    return client.rc;
}

TLS_TEST(protocols_are_agreed_upon)
{
    brio_str got;
    CHECK_OK(agreed("h2,http/1.1", "http/1.1,h2", &got));
    CHECK_STR(got, "h2"); /* the server's order */
    CHECK_OK(agreed("h2,http/1.1", "http/1.1", &got));
    CHECK_STR(got, "http/1.1");
    CHECK_OK(agreed(NULL, "h2", &got));
    CHECK_STR(got, "");
    CHECK_OK(agreed("h2", NULL, &got));
    CHECK_STR(got, "");
    CHECK_INT(agreed("h2", "http/1.1", &got), BRIO_ETLS);
    brio_tls_context *c;
    CHECK_INT(brio_tls_context_new(&c, &(brio_tls_options){.alpn = "h2,,x"}), -EINVAL);
    return 0;
}

TLS_TEST(old_versions_are_refused)
{
    brio_tls_context *new_only;
    brio_tls_options o = {.server = true, .cert_file = in_pki("one.test.pem")};
    o.min_version = BRIO_TLS_1_3;
    CHECK_OK(brio_tls_context_new(&new_only, &o));
    pair p = pair_open();
    side server = {p.server, new_only, {0}, 0, ""};
    side client = {p.client, client_context(), {.server_name = "one.test"}, 0, ""};
    shake(&server, &client);
    CHECK_OK(client.rc);
    pair_close(&p);
    brio_tls_context_free(new_only);
    brio_tls_context_free(client.context);
    return 0;
}

/* ---- Contexts ----------------------------------------------------------- */

TLS_TEST(bad_files_are_refused_in_words)
{
    brio_tls_context *c;
    brio_tls_options o = {.server = true, .cert_file = "/nonexistent/cert"};
    CHECK_INT(brio_tls_context_new(&c, &o), -ENOENT);
    CHECK(brio_str_find(brio_error_detail(), BRIO_S("/nonexistent/cert")) >= 0);
    o.cert_file = in_pki("ca.key");
    CHECK_INT(brio_tls_context_new(&c, &o), BRIO_ETLS);
    CHECK(brio_str_find(brio_error_detail(), BRIO_S("ca.key")) >= 0);
    o.cert_file = in_pki("one.test.pem");
    o.key_file = in_pki("two.test.key");
    CHECK_INT(brio_tls_context_new(&c, &o), BRIO_ETLS);
    CHECK_INT(brio_tls_context_new(&c, &(brio_tls_options){.server = true}), -EINVAL);
    CHECK_INT(brio_tls_context_new(&c, &(brio_tls_options){.ciphers = "NONSENSE"}), BRIO_ETLS);
    brio_tls_context_free(NULL);
    return 0;
}

static void copy_over(const char *to, const char *from)
{
    char command[300];
    snprintf(command, sizeof command, "cp %s %s", from, to);
    CHECK_INT(system(command), 0);
}

static void check_answer(brio_tls_context *server, const char *name)
{
    pair p = pair_open();
    side s = {p.server, server, {0}, 0, ""};
    side c = {p.client, client_context(), {.server_name = name}, 0, ""};
    shake(&s, &c);
    CHECK_OK(c.rc);
    pair_close(&p);
    brio_tls_context_free(c.context);
}

TLS_TEST(certificates_are_reloaded_without_a_break)
{
    brio_tls_context *server;
    copy_over(in_pki("now.pem"), in_pki("one.test.pem"));
    brio_tls_options o = {.server = true, .cert_file = in_pki("now.pem")};
    CHECK_OK(brio_tls_context_new(&server, &o));
    pair p = pair_open();
    side s = {p.server, server, {0}, 0, ""};
    side c = {p.client, client_context(), {.server_name = "one.test"}, 0, ""};
    shake(&s, &c);
    copy_over(in_pki("now.pem"), in_pki("ca.pem")); /* no key in it */
    CHECK_INT(brio_tls_context_reload(server), BRIO_ETLS);
    check_answer(server, "one.test");
    copy_over(in_pki("now.pem"), in_pki("two.test.pem"));
    CHECK_OK(brio_tls_context_reload(server));
    check_answer(server, "two.test");
    brio_tls_context_free(server); /* streams keep what they need */
    CHECK_OK(brio_stream_write(p.client, BRIO_S("x")));
    char byte;
    CHECK_OK(brio_stream_read_exactly(p.server, &byte, 1));
    pair_close(&p);
    brio_tls_context_free(c.context);
    return 0;
}

/* ---- STARTTLS ----------------------------------------------------------- */

static int greet(void *arg)
{
    side *s = arg;
    brio_str line;
    CHECK_OK(brio_stream_send(s->stream, BRIO_S("220 ready\r\n")));
    CHECK_INT(brio_stream_read_line(s->stream, 0, &line), 1);
    CHECK_STR(line, "STARTTLS");
    CHECK_OK(brio_stream_send(s->stream, BRIO_S("220 go\r\n")));
    CHECK_OK(as_server(s));
    CHECK_OK(s->rc);
    return brio_stream_write(s->stream, BRIO_S("secret\r\n"));
}

static int be_greeted(void *arg)
{
    side *s = arg;
    brio_str line;
    CHECK_INT(brio_stream_read_line(s->stream, 0, &line), 1);
    CHECK_OK(brio_stream_write(s->stream, BRIO_S("STARTTLS\r\n")));
    CHECK_INT(brio_stream_read_line(s->stream, 0, &line), 1);
    CHECK_STR(line, "220 go");
    CHECK_OK(as_client(s));
    CHECK_OK(s->rc);
    CHECK_INT(brio_stream_read_line(s->stream, 0, &line), 1);
    CHECK_STR(line, "secret");
    return 0;
}

TLS_TEST(a_connection_may_become_secret_later)
{
    pair p = pair_open();
    side server = {p.server, server_context(NULL), {0}, 0, ""};
    side client = {p.client, client_context(), {.server_name = "one.test"}, 0, ""};
    CHECK_OK(brio_gather({greet, &server}, {be_greeted, &client}));
    pair_close(&p);
    brio_tls_context_free(server.context);
    brio_tls_context_free(client.context);
    return 0;
}

/* CVE-2011-0411 and its kin: what was injected in clear is not answered under TLS. */
TLS_TEST(what_came_in_clear_is_not_taken_for_secret)
{
    pair p = pair_open();
    side server = {p.server, server_context(NULL), {0}, 0, ""};
    brio_str line;
    CHECK_OK(brio_stream_write(p.client, BRIO_S("STARTTLS\r\nDELETE everything\r\n")));
    CHECK_INT(brio_stream_read_line(p.server, 0, &line), 1);
    CHECK_OK(as_server(&server));
    CHECK_INT(server.rc, BRIO_ETLS);
    pair_close(&p);
    brio_tls_context_free(server.context);
    return 0;
}

/* ---- Trouble ------------------------------------------------------------ */

TLS_TEST(a_handshake_has_a_deadline)
{
    pair p = pair_open();
    side client = {p.client, client_context(), {.server_name = "one.test"}, 0, ""};
    BRIO_SCOPE(limit, .timeout = BRIO_MS(5))
    CHECK_OK(as_client(&client));
    CHECK_INT(client.rc, -ECANCELED);
    CHECK_INT(brio_stream_write(p.client, BRIO_S("x")), -EPIPE);
    brio_stream_close(p.server);
    p.server = NULL;
    pair_close(&p);
    brio_tls_context_free(client.context);
    return 0;
}

TLS_TEST(a_handshake_ends_with_its_peer)
{
    pair p = pair_open();
    side client = {p.client, client_context(), {.server_name = "one.test"}, 0, ""};
    brio_stream_close(p.server);
    p.server = NULL;
    CHECK_OK(as_client(&client));
    CHECK(client.rc == BRIO_ECLOSED || client.rc == -ECONNRESET);
    pair_close(&p);
    brio_tls_context_free(client.context);
    return 0;
}

TLS_TEST(a_handshake_can_be_cancelled_anywhere)
{
    brio_tls_context *server = server_context(NULL), *client = client_context();
    for (int turns = 0; turns < 12; turns++) {
        pair p = pair_open();
        side s = {p.server, server, {0}, 0, ""};
        side c = {p.client, client, {.server_name = "one.test"}, 0, ""};
        BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
        {
            CHECK(brio_spawn(&g, as_server, &s));
            CHECK(brio_spawn(&g, as_client, &c));
            for (int i = 0; i < turns; i++)
                CHECK_OK(brio_yield());
            brio_group_cancel(&g);
        }
        pair_close(&p);
    }
    brio_tls_context_free(server);
    brio_tls_context_free(client);
    return 0;
}

static int write_much(void *arg)
{
    static char data[16 << 20];
    return brio_stream_write(arg, (brio_str){data, sizeof data});
}

/* A cut write must not look like an end to the peer. */
TLS_TEST(a_cancelled_write_is_a_truncation)
{
    both b = secure_pair();
    int rc = 0;
    ptrdiff_t n;
    char buf[4096];
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_task *writer = brio_spawn(&g, write_much, b.p.client);
        CHECK_OK(brio_stream_read_exactly(b.p.server, buf, 1)); /* it is in the middle of it */
        CHECK(brio_task_cancel(writer));
        CHECK_OK(brio_join(writer, &rc));
    }
    CHECK_INT(rc, -ECANCELED);
    brio_stream_close(b.p.client);
    b.p.client = NULL;
    while ((n = brio_stream_read(b.p.server, buf, sizeof buf)) > 0)
        continue;
    CHECK(n == BRIO_ECLOSED || n == -ECONNRESET);
    both_close(&b);
    return 0;
}

TLS_TEST(a_file_goes_in_secret)
{
    both b = secure_pair();
    char path[] = "/tmp/brio-tls-file-XXXXXX";
    int fd = mkstemp(path);
    CHECK_INT(unlink(path), 0);
    CHECK_INT(write(fd, "contents", 8), 8);
    CHECK_INT(brio_stream_sendfile(b.p.client, fd, 3, 0), 5);
    char buf[5];
    CHECK_OK(brio_stream_read_exactly(b.p.server, buf, 5));
    CHECK(memcmp(buf, "tents", 5) == 0);
    close(fd);
    both_close(&b);
    return 0;
}
static int reaches(brio_tls_context *server, brio_tls_context *client, const char *name)
{
    pair p = pair_open();
    side s = {.stream = p.server, .context = server};
    side c = {.stream = p.client, .context = client, .start.server_name = name};
    shake(&s, &c);
    pair_close(&p);
    return c.rc;
}

TLS_TEST(a_certificate_of_ones_own_is_for_a_name_and_this_machine)
{
    brio_tls_context *server, *client;
    brio_buf pem = {0};
    const char *file = in_pki("own.pem");
    CHECK_OK(brio_tls_self_signed("app.test", &pem));
    CHECK_OK(brio_path_write(brio_str_from(file), brio_buf_str(&pem), 0600));
    CHECK_OK(brio_tls_context_new(&server, &(brio_tls_options){.server = true, .cert_file = file}));
    CHECK_OK(brio_tls_context_new(&client, &(brio_tls_options){.ca_file = file}));
    CHECK_OK(reaches(server, client, "app.test"));
    CHECK_OK(reaches(server, client, "localhost"));
    CHECK_OK(reaches(server, client, "127.0.0.1"));
    CHECK_INT(reaches(server, client, "other.test"), BRIO_ETLS);
    size_t before = pem.len;
    CHECK_OK(brio_tls_self_signed(NULL, &pem)); /* behind what is there, and another one */
    CHECK(pem.len > before);
    CHECK(memcmp(pem.ptr, pem.ptr + before, 200) != 0);
    brio_tls_context_free(server);
    brio_tls_context_free(client);
    brio_buf_fini(&pem);
    return 0;
}

/* ---- Sessions ----------------------------------------------------------- */

/* A session, and the stream that carries what it says. */
typedef struct carried {
    brio_tls_session *session;
    brio_stream *wire;
    brio_tls_out out;
    int rc;
} carried;

static void send_out(carried *c)
{
    if (c->out.bytes.len > 0)
        CHECK_OK(brio_stream_write(c->wire, brio_buf_str(&c->out.bytes)));
    brio_buf_clear(&c->out.bytes);
}

static void push_in(carried *c)
{
    char bytes[1000];
    ptrdiff_t n = brio_stream_read(c->wire, bytes, sizeof bytes);
    CHECK(n >= 0);
    if (n == 0) {
        brio_tls_session_end(c->session);
        return;
    }
    brio_chunk *chunk = brio_chunk_acquire(brio_loop_current());
    memcpy(chunk->data, bytes, (size_t)n);
    chunk->len = (uint32_t)n;
    brio_tls_session_push(c->session, chunk);
}

static int as_session(void *arg)
{
    carried *c = arg;
    while ((c->rc = brio_tls_session_handshake(c->session, &c->out)) == 0) {
        send_out(c);
        push_in(c);
    }
    send_out(c);
    return 0;
}

/* What it reads until there is something, or an end. */
static int session_read(carried *c, char *into, size_t cap)
{
    brio_chunk *chunk = brio_chunk_acquire(brio_loop_current());
    int rc;
    while ((rc = brio_tls_session_read(c->session, &c->out, chunk)) == 0) {
        send_out(c);
        push_in(c);
    }
    CHECK(chunk->len < cap);
    memcpy(into, chunk->data, chunk->len);
    into[chunk->len] = '\0';
    brio_chunk_release(brio_loop_current(), chunk);
    return rc;
}

static carried carry(pair *p, brio_tls_context *server, brio_tls_context *client)
{
    carried c = {.wire = p->server};
    side s = {.stream = p->client, .context = client, .start.server_name = "one.test"};
    CHECK_OK(brio_tls_session_new(&c.session, server, brio_loop_current(), -1));
    CHECK(!brio_tls_session_problem(c.session));
    CHECK_OK(brio_gather({as_session, &c}, {as_client, &s}));
    CHECK_INT(c.rc, 1);
    CHECK_OK(s.rc);
    return c;
}

static void carried_end(carried *c, pair *p)
{
    brio_tls_session_free(c->session);
    brio_buf_fini(&c->out.bytes);
    pair_close(p);
}

TLS_TEST(a_session_is_a_server_without_a_stream)
{
    brio_tls_context *server = server_context("h2"), *client = client_context();
    brio_tls_info info;
    brio_tls_certificate cert;
    brio_str line;
    char text[64], byte;
    pair p = pair_open();
    carried c = carry(&p, server, client);
    CHECK_INT(brio_tls_session_handshake(c.session, &c.out), 1); /* again: it is done */
    CHECK_OK(brio_tls_session_info(c.session, &info));
    CHECK_STR(info.server_name, "one.test");
    CHECK(strcmp(info.version, "TLSv1.3") == 0);
    CHECK_INT(brio_tls_session_peer(c.session, brio_task_arena(), &cert), -ENOENT);
    CHECK(!brio_tls_session_in_kernel(c.session));
    CHECK_OK(brio_stream_write(p.client, BRIO_S("ping\n")));
    CHECK_INT(session_read(&c, text, sizeof text), 1);
    while (!strchr(text, '\n')) /* bytes may come one by one */
        CHECK_INT(session_read(&c, text + strlen(text), sizeof text - strlen(text)), 1);
    CHECK_STR(brio_str_from(text), "ping\n");
    CHECK(!brio_tls_session_pending(c.session)); /* all that came was read */
    CHECK_INT(brio_tls_session_write(c.session, &c.out, BRIO_S("pong\n")), 5);
    brio_tls_session_finish(c.session, &c.out);
    brio_tls_session_finish(c.session, &c.out);
    send_out(&c);
    CHECK_INT(brio_stream_read_line(p.client, 0, &line), 1);
    CHECK_STR(line, "pong");
    CHECK_INT(brio_stream_read(p.client, &byte, 1), 0); /* it said so */
    brio_stream_shutdown(p.client);
    CHECK_INT(session_read(&c, text, sizeof text), -ESHUTDOWN);
    CHECK(brio_tls_session_pending(c.session)); /* it would say so again */
    carried_end(&c, &p);
    brio_tls_context_free(server);
    brio_tls_context_free(client);
    return 0;
}

TLS_TEST(a_session_tells_an_end_from_a_truncation)
{
    brio_tls_context *server = server_context(NULL), *client = client_context();
    brio_tls_session *none;
    char text[64];
    pair p = pair_open();
    carried c = carry(&p, server, client);
    brio_tls_session_end(c.session);
    CHECK_INT(session_read(&c, text, sizeof text), BRIO_ECLOSED);
    CHECK(brio_tls_session_problem(c.session));
    carried_end(&c, &p);
    CHECK_INT(brio_tls_session_new(&none, client, brio_loop_current(), -1), -EINVAL);
    brio_tls_session_free(NULL);
    int kernel = brio_tls_kernel();
    CHECK(kernel == 0 || kernel == -ENOENT || kernel == -ENOTSUP);
    brio_tls_context_free(server);
    brio_tls_context_free(client);
    return 0;
}

TLS_TEST(what_is_no_tls_fails_a_session_in_words)
{
    brio_tls_context *server = server_context(NULL);
    pair p = pair_open();
    carried c = {.wire = p.server};
    CHECK_OK(brio_tls_session_new(&c.session, server, brio_loop_current(), -1));
    CHECK_OK(brio_stream_write(p.client, BRIO_S("GET / HTTP/1.1\r\n\r\n")));
    CHECK_INT(as_session(&c), 0);
    CHECK_INT(c.rc, BRIO_ETLS);
    CHECK(strstr(brio_tls_session_problem(c.session), "http request"));
    CHECK_INT(brio_tls_session_handshake(c.session, &c.out), BRIO_ETLS); /* for good */
    carried_end(&c, &p);
    brio_tls_context_free(server);
    return 0;
}

#endif
