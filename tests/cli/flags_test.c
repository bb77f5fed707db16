/* SPDX-License-Identifier: MIT
 *
 * The flags as a table of command lines: what each sets, and what each
 * mistake is told. */
#include "harness/test.h"

#include "cli/cli_internal.h"

#include <errno.h>
#include <stdio.h>

enum { ARGS_MAX = 8 };

/* Parses the words of `line` (split at blanks) behind a program name. */
static int parse(brio_cli_flags *flags, brio_buf *message, const char *line)
{
    static char text[512];
    char *argv[ARGS_MAX + 2] = {text};
    int argc = 1;
    snprintf(text, sizeof text, "prog %s", line);
    for (char *p = strchr(text, ' '); p; p = strchr(p, ' ')) {
        *p++ = '\0';
        if (*p)
            argv[argc++] = p;
    }
    CHECK(argc <= ARGS_MAX);
    memset(flags, 0, sizeof *flags);
    return brio_cli_parse(flags, argc, argv, message);
}

static brio_cli_flags parse_ok(const char *line)
{
    brio_cli_flags flags;
    brio_buf message = {0};
    int rc = parse(&flags, &message, line);
    if (rc < 0)
        test_fail(__FILE__, __LINE__, "\"%s\": %.*s", line, (int)message.len, message.ptr);
    CHECK_INT(message.len, 0);
    return flags;
}

TEST(nothing_given_means_defaults)
{
    brio_cli_flags flags = parse_ok(""), zero = {0};
    CHECK(memcmp(&flags.server, &zero.server, sizeof zero.server) == 0);
    CHECK(memcmp(&flags.log, &zero.log, sizeof zero.log) == 0);
    CHECK(!flags.root_path && !flags.help && !flags.version);
}

TEST(each_flag_sets_its_option)
{
    CHECK_STR(brio_str_from(parse_ok("--host 0.0.0.0").server.host), "0.0.0.0");
    CHECK_STR(brio_str_from(parse_ok("--host=::1").server.host), "::1");
    CHECK_INT(parse_ok("--port 9000").server.port, 9000);
    CHECK_INT(parse_ok("--port=9000").server.port, 9000);
    CHECK_INT(parse_ok("--port 0").server.port, -1);
    CHECK_INT(parse_ok("--port 65535").server.port, 65535);
    CHECK_INT(parse_ok("--workers 4").server.workers, 4);
    CHECK_INT(parse_ok("--log-level WARNING").log.level, BRIO_LOG_WARNING);
    CHECK_INT(parse_ok("--access-log-format common").server.access_format, BRIO_ACCESS_COMMON);
    CHECK_STR(brio_str_from(parse_ok("--access-log /tmp/a").log.lines_path), "/tmp/a");
    CHECK_STR(brio_str_from(parse_ok("--metrics=/metrics").server.metrics), "/metrics");
    CHECK_STR(brio_str_from(parse_ok("--metrics-from 10.0.0.0/8").server.metrics_from),
              "10.0.0.0/8");
    CHECK(parse_ok("--tls").tls);
    CHECK_INT(parse_ok("--log-level=off").log.level, BRIO_LOG_OFF);
    CHECK_INT(parse_ok("--log-format text").log.format, BRIO_LOG_TEXT);
    CHECK_INT(parse_ok("--log-format json").log.format, BRIO_LOG_JSON);
    CHECK_INT(parse_ok("--log-format auto").log.format, BRIO_LOG_AUTO);
    CHECK(parse_ok("--no-access-log").server.no_access_log);
    CHECK_INT(parse_ok("--backend epoll").server.backend, BRIO_BACKEND_EPOLL);
    CHECK_INT(parse_ok("--backend uring").server.backend, BRIO_BACKEND_URING);
    CHECK_INT(parse_ok("--timeout-keep-alive 7").server.http.keep_alive, BRIO_SEC(7));
    CHECK_INT(parse_ok("--timeout-keep-alive 0").server.http.keep_alive, 1);
    CHECK_INT(parse_ok("--ws-max-size 64K").ws.message_bytes, 65536);
    CHECK_INT(parse_ok("--ws-max-queue 8").ws.max_queue, 8);
    CHECK_INT(parse_ok("--ws-ping-interval 5").ws.ping_interval, BRIO_SEC(5));
    CHECK_INT(parse_ok("--ws-ping-timeout 0").ws.ping_timeout, BRIO_NEVER);
    CHECK_INT(parse_ok("--ws-close-timeout 3").ws.close_timeout, BRIO_SEC(3));
    CHECK_INT(parse_ok("--ws-close-timeout 0").ws.close_timeout, BRIO_NEVER);
    CHECK_INT(parse_ok("--ws-per-message-deflate true").ws.compression, BRIO_WS_COMPRESS_ALONE);
    CHECK_INT(parse_ok("--ws-per-message-deflate=false").ws.compression, BRIO_WS_COMPRESS_OFF);
    CHECK_INT(parse_ok("--timeout-graceful-shutdown 3").server.grace, BRIO_SEC(3));
    CHECK_INT(parse_ok("--limit-concurrency 100").server.limit_concurrency, 100);
    CHECK_INT(parse_ok("--limit-max-requests 5").server.limit_max_requests, 5);
    CHECK_INT(parse_ok("--backlog 10").server.backlog, 10);
    CHECK_STR(brio_str_from(parse_ok("--root-path /api").root_path), "/api");
    CHECK_STR(brio_str_from(parse_ok("--uds /run/a.sock").server.uds), "/run/a.sock");
    CHECK_INT(parse_ok("--fd 3").server.fd, 3);
    CHECK_STR(
        brio_str_from(parse_ok("--proxy-protocol-from 10.0.0.0/8").server.proxy_protocol_from),
        "10.0.0.0/8");
    CHECK(parse_ok("--help").help);
    CHECK(parse_ok("--version").version);
    CHECK(parse_ok("--reload").reload);
}

TEST(limits_and_times)
{
    CHECK_INT(parse_ok("--limit-max-requests-jitter 9").server.limit_max_requests_jitter, 9);
    CHECK_INT(parse_ok("--limit-worker-age 60").server.limit_worker_age, BRIO_SEC(60));
    CHECK_INT(parse_ok("--limit-worker-memory 2G").server.limit_worker_memory, 2LL << 30);
    CHECK_INT(parse_ok("--limit-connections 5").server.limit_connections, 5);
    CHECK_INT(parse_ok("--limit-connections-per-address 5").server.limit_connections_per_address,
              5);
    CHECK_INT(parse_ok("--limit-headers 20").server.http.header_count, 20);
    CHECK_INT(parse_ok("--limit-header-bytes 8K").server.http.header_bytes, 8192);
    CHECK_INT(parse_ok("--limit-url 500").server.http.target_bytes, 500);
    CHECK_INT(parse_ok("--limit-body 1M").server.http.body_bytes, 1 << 20);
    CHECK_INT(parse_ok("--limit-body-rate 1K").server.http.body_rate, 1024);
    CHECK_INT(parse_ok("--limit-write-rate 1").server.http.write_rate, 1);
    CHECK_INT(parse_ok("--timeout-header 1").server.http.header_timeout, BRIO_SEC(1));
    CHECK_INT(parse_ok("--timeout-body 2").server.http.body_timeout, BRIO_SEC(2));
    CHECK_INT(parse_ok("--timeout-write 3").server.http.write_timeout, BRIO_SEC(3));
    CHECK_INT(parse_ok("--timeout-request 4").server.request_timeout, BRIO_SEC(4));
}

TEST(who_and_what_is_said)
{
    brio_cli_flags flags;
    brio_buf message = {0};
    CHECK_OK(parse(&flags, &message, "--user www --group=12 --refuse-root --no-new-privileges"));
    CHECK_STR(brio_str_from(flags.server.user), "www");
    CHECK_STR(brio_str_from(flags.server.group), "12");
    CHECK(flags.server.refuse_root && flags.server.no_new_privileges);
    CHECK_OK(
        parse(&flags, &message, "--no-server-header --no-date-header --header a:b --header=c:"));
    CHECK(flags.server.no_server_header && flags.server.no_date_header);
    CHECK_INT(flags.server.n_headers, 2);
    CHECK_STR(flags.server.headers[0].name, "a");
    CHECK_STR(flags.server.headers[0].value, "b");
    CHECK_STR(flags.server.headers[1].value, "");
}

TEST(sockets_add_up)
{
    brio_cli_flags flags;
    brio_buf message = {0};
    CHECK_OK(parse(&flags, &message, "--listen :80 --listen=unix:/run/a.sock,proxy"));
    CHECK_INT(flags.server.n_listen, 2);
    CHECK_STR(brio_str_from(flags.server.listen[0]), ":80");
    CHECK_STR(brio_str_from(flags.server.listen[1]), "unix:/run/a.sock,proxy");
}

TEST(several_flags_and_the_last_of_one_kind)
{
    brio_cli_flags flags = parse_ok("--port 1 --workers 2 --port=3 --no-access-log");
    CHECK_INT(flags.server.port, 3);
    CHECK_INT(flags.server.workers, 2);
    CHECK(flags.server.no_access_log);
}

/* What stands behind --help does not matter any more. */
TEST(help_wins)
{
    CHECK(parse_ok("--help --nonsense").help);
    CHECK(parse_ok("--port 1 --version --port x").version);
}

TEST(each_mistake_gets_its_sentence)
{
    static const struct {
        const char *line, *message;
    } cases[] = {
        {"--prot 80", "unknown option --prot; did you mean --port?"},
        {"--worker=2", "unknown option --worker=2; did you mean --workers?"},
        {"--access-logs", "unknown option --access-logs; did you mean --access-log?"},
        {"--access-log-format xml",
         "--access-log-format takes uvicorn, common or combined, not \"xml\"."},
        {"--Port 80", "unknown option --Port; did you mean --port?"},
        {"--frobnicate", "unknown option --frobnicate; --help lists the options."},
        {"--x", "unknown option --x; --help lists the options."},
        {"--", "unexpected argument \"--\"; options begin with two dashes."},
        {"-p 80", "unexpected argument \"-p\"; options begin with two dashes."},
        {"main:app", "unexpected argument \"main:app\"; --help lists the options."},
        {"--port", "--port needs a value: a number from 0 to 65535."},
        {"--port=", "--port takes a number from 0 to 65535, not \"\"."},
        {"--port 65536", "--port takes a number from 0 to 65535, not \"65536\"."},
        {"--port -1", "--port takes a number from 0 to 65535, not \"-1\"."},
        {"--port 8e3", "--port takes a number from 0 to 65535, not \"8e3\"."},
        {"--port 99999999999999999999",
         "--port takes a number from 0 to 65535, not \"99999999999999999999\"."},
        {"--workers 0", "--workers takes a number from 1 to 1024, not \"0\"."},
        {"--timeout-keep-alive 1.5",
         "--timeout-keep-alive takes a whole number of seconds up to 86400, not \"1.5\"."},
        {"--log-level loud", "--log-level takes critical, error, warning, info, debug, trace or "
                             "off, not \"loud\"."},
        {"--log-format xml", "--log-format takes auto, text or json, not \"xml\"."},
        {"--ws-per-message-deflate maybe",
         "--ws-per-message-deflate takes true or false, not \"maybe\"."},
        {"--backend kqueue", "--backend takes auto, uring or epoll, not \"kqueue\"."},
        {"--backend sim", "--backend takes auto, uring or epoll, not \"sim\"."},
        {"--no-access-log=yes", "--no-access-log takes no value."},
        {"--host", "--host needs a value: a text."},
        {"--limit-body 1T",
         "--limit-body takes a number of bytes, such as 500, 64K, 16M or 2G, not \"1T\"."},
        {"--limit-body 0",
         "--limit-body takes a number of bytes, such as 500, 64K, 16M or 2G, not \"0\"."},
        {"--limit-body 9007199254740992K",
         "--limit-body takes a number of bytes, such as 500, 64K, 16M or 2G, not "
         "\"9007199254740992K\"."},
        {"--limit-headers 16385", "--limit-headers takes a number from 1 to 16384, not \"16385\"."},
        {"--header x", "--header takes NAME:VALUE, 32 times at most, not \"x\"."},
        {"--header content-length:5",
         "--header takes NAME:VALUE, 32 times at most, not \"content-length:5\"."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        brio_cli_flags flags;
        brio_buf message = {0};
        CHECK_INT(parse(&flags, &message, cases[i].line), -EINVAL);
        CHECK_STR(brio_buf_str(&message), cases[i].message);
        brio_buf_fini(&message);
    }
}

TEST(a_mistake_changes_nothing)
{
    brio_cli_flags flags = {.server.port = 7};
    brio_buf message = {0};
    char name[] = "prog", first[] = "--port=9", second[] = "--bad";
    char *argv[] = {name, first, second, NULL};
    CHECK_INT(brio_cli_parse(&flags, 3, argv, &message), -EINVAL);
    CHECK_INT(flags.server.port, 7);
    brio_buf_fini(&message);
}

TEST(no_arguments_at_all)
{
    brio_cli_flags flags;
    brio_buf message = {0};
    char *argv[] = {NULL};
    CHECK_INT(brio_cli_parse(&flags, 0, argv, &message), 0);
}

TEST(nearest_names)
{
    CHECK_STR(brio_str_from(brio_cli_nearest(BRIO_S("bakcend"))), "backend");
    CHECK_STR(brio_str_from(brio_cli_nearest(BRIO_S("limit-max-request"))), "limit-max-requests");
    CHECK(!brio_cli_nearest(BRIO_S("")));
    CHECK(!brio_cli_nearest(BRIO_S("factory")));
    CHECK(!brio_cli_nearest(BRIO_S("a-name-that-is-much-longer-than-any-of-the-flags")));
}

TEST(help_lists_every_flag)
{
    static const char *const names[] = {"--host",
                                        "--port",
                                        "--workers",
                                        "--log-level",
                                        "--log-format",
                                        "--no-access-log",
                                        "--backend",
                                        "--timeout-keep-alive",
                                        "--timeout-graceful-shutdown",
                                        "--limit-concurrency",
                                        "--limit-max-requests",
                                        "--reload",
                                        "--backlog",
                                        "--root-path",
                                        "--version",
                                        "--help"};
    brio_buf out = {0};
    brio_cli_help(&out, "shop");
    CHECK(brio_str_starts(brio_buf_str(&out), BRIO_S("Usage: shop [OPTIONS]\n")));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        CHECK(brio_str_find(brio_buf_str(&out), brio_str_from(names[i])) > 0);
    brio_str rest = brio_buf_str(&out);
    while (rest.len) {
        brio_str_pair line = brio_str_cut(rest, '\n');
        CHECK(line.head.len <= 110);
        rest = line.tail;
    }
    brio_buf_fini(&out);
}
