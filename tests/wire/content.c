/* SPDX-License-Identifier: MIT
 *
 * brio's half of tests/wire/content.py: what goes out. WIRE_APP names the app,
 * WIRE_DIR the folder of files; content_peer.py is the same in FastAPI. */
#include <brio/brio.h>

#include <stdio.h>
#include <stdlib.h>

typedef struct Tick {
    int64_t n;
} Tick;
BRIO_MODEL(Tick, BRIO_FIELD(n));

static const char *dir;

static brio_str in_dir(brio_request *req, const char *name)
{
    return brio_printf(brio_request_arena(req), "%s/%s", dir, name);
}

static int hello(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)req, (void)in;
    out->text = BRIO_S("hello");
    return 0;
}

static int large(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    char *text = brio_alloc(brio_request_arena(req), 4000);
    memset(text, 'x', 4000);
    out->text = (brio_str){text, 4000};
    return 0;
}

static int stream(brio_request *req, const brio_none *in, brio_json *out)
{
    (void)in, (void)out;
    int rc = 0;
    for (int i = 0; i < 3 && rc == 0; i++)
        rc = brio_respond_stream(req, BRIO_S("piece\n"));
    return rc;
}

static int ticks(brio_request *req, const brio_none *in, Tick *out)
{
    (void)in, (void)out;
    int rc = 0;
    for (int i = 0; i < 3 && rc == 0; i++)
        rc = brio_respond_item(req, &(Tick){.n = i});
    return rc;
}

static int cookie(brio_request *req, const brio_none *in, brio_json *out)
{
    (void)in, (void)out;
    return brio_respond_cookie(req, &(brio_cookie){.name = "k",
                                                   .value = BRIO_S("v w;\""),
                                                   .max_age = BRIO_SEC(10),
                                                   .secure = true,
                                                   .http_only = true,
                                                   .same_site = "none"});
}

static int go(brio_request *req, const brio_none *in, brio_str *out)
{
    (void)req, (void)in;
    *out = BRIO_S("/else where?x=1&y=\xC3\xA9#z");
    return 0;
}

static int file(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    return brio_answer_file(req, in_dir(req, "a.txt"), NULL);
}

static int big(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    return brio_answer_file(req, in_dir(req, "big.bin"),
                            &(brio_answer_file_options){.filename = "b\xC3\xBC g.bin"});
}

static int crash(brio_request *req, const brio_none *in, brio_json *out)
{
    (void)req, (void)in, (void)out;
    return -5;
}

static void add_routes(brio_app *app)
{
    char site[256];
    (void)snprintf(site, sizeof site, "%s/site", dir);
    BRIO_GET(app, "/", hello, brio_none, brio_text);
    BRIO_GET(app, "/large", large, brio_none, brio_text);
    BRIO_GET(app, "/stream", stream, brio_none, brio_json, .response = BRIO_STREAM,
             .media_type = "text/plain");
    BRIO_GET(app, "/lines", ticks, brio_none, Tick, .response = BRIO_JSON_LINES, .name = "lines");
    BRIO_GET(app, "/events", ticks, brio_none, Tick, .response = BRIO_SSE, .name = "events");
    BRIO_GET(app, "/cookie", cookie, brio_none, brio_json);
    BRIO_GET(app, "/go", go, brio_none, brio_str, .response = BRIO_REDIRECT);
    BRIO_GET(app, "/file", file, brio_none, brio_response);
    BRIO_GET(app, "/big", big, brio_none, brio_response);
    BRIO_GET(app, "/crash", crash, brio_none, brio_json);
    brio_static(app, "/static", dir, NULL);
    brio_static(app, "/site", site, &(brio_static_options){.html = true, .name = "site"});
}

static void add_layer(brio_app *app, brio_str which)
{
    if (brio_str_eq(which, BRIO_S("cors")))
        brio_use_cors(app, &(brio_cors_options){.allow_origins = "https://a.example, http://b:81",
                                                .allow_origin_regex = "https://.*\\.c\\.example",
                                                .allow_methods = "GET, POST",
                                                .allow_headers = "X-B, X-A",
                                                .expose_headers = "X-C, X-D",
                                                .max_age = BRIO_SEC(7)});
    if (brio_str_eq(which, BRIO_S("cors_star")))
        brio_use_cors(app, &(brio_cors_options){.allow_origins = "*"});
    if (brio_str_eq(which, BRIO_S("cors_all")))
        brio_use_cors(app, &(brio_cors_options){.allow_origins = "*",
                                                .allow_methods = "*",
                                                .allow_headers = "*",
                                                .allow_credentials = true,
                                                .allow_private_network = true});
    if (brio_str_eq(which, BRIO_S("gzip")))
        brio_use_gzip(app, NULL);
    if (brio_str_eq(which, BRIO_S("hosts")))
        brio_use_trusted_host(
            app, &(brio_trusted_host_options){
                     .allowed_hosts = "example.com, *.wild.example, www.other.example"});
    if (brio_str_eq(which, BRIO_S("https")))
        brio_use_https_redirect(app);
}

int main(int argc, char **argv)
{
    brio_str which = brio_str_from(getenv("WIRE_APP"));
    dir = getenv("WIRE_DIR");
    brio_app *app = brio_app_new(&(brio_app_options){.openapi_url = ""});
    if (brio_str_eq(which, BRIO_S("frontend"))) {
        char site[256];
        (void)snprintf(site, sizeof site, "%s/site", dir);
        BRIO_GET(app, "/api", hello, brio_none, brio_text);
        brio_frontend(app, "/", dir, NULL);
        brio_frontend(app, "/app", site, NULL);
    } else {
        add_routes(app);
        add_layer(app, which);
    }
    return brio_main(app, argc, argv);
}
