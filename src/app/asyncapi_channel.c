/* SPDX-License-Identifier: MIT
 *
 * Channels of the AsyncAPI document and what happens on them.
 *
 * A WebSocket is a channel on which the app receives and sends; a stream of
 * events one on which it sends. Parameters in the path are the channel's, those
 * of query and headers belong to the binding of its protocol. Names of channels
 * are the routes', with '_' for all that is no part of a word; of two with one
 * name the later one has its number behind it. */
#include "app/docs_internal.h"

/* ---- What is a channel ------------------------------------------------------------ */

static bool is_events(const brio_app_route *route)
{
    return !brio_app_is_socket(route) && route->spec.response == BRIO_SSE;
}

bool brio_app_is_channel(const brio_app_route *route)
{
    bool shown = !route->spec.hidden && !route->page && !route->folder;
    return shown && (brio_app_is_socket(route) || is_events(route));
}

static const brio_model *known(brio_model_fn *fn)
{
    const brio_model *model = fn ? fn() : NULL;
    return model && model->kind != BRIO_KIND_NONE && model->kind != BRIO_KIND_JSON ? model : NULL;
}

const brio_model *brio_app_channel_receives(const brio_app_route *route)
{
    const brio_ws_events *events = route->spec.events;
    return known(route->spec.receives ? route->spec.receives : events ? events->model : NULL);
}

const brio_model *brio_app_channel_sends(const brio_app_route *route)
{
    return known(is_events(route) ? route->spec.out : route->spec.sends);
}

/* ---- Names --------------------------------------------------------------------------- */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Words joined by '_'. */
static brio_str word_of(brio_arena *arena, brio_str name)
{
    char *out = brio_alloc_aligned(arena, name.len + 1, 1);
    size_t n = 0;
    for (size_t i = 0; i < name.len; i++)
        if (is_word(name.ptr[i]))
            out[n++] = name.ptr[i];
        else if (n && out[n - 1] != '_')
            out[n++] = '_';
    while (n && out[n - 1] == '_')
        n--;
    return n ? (brio_str){out, n} : BRIO_S("root");
}

static brio_str plain_name(brio_arena *arena, const brio_app_route *route)
{
    const char *given = route->spec.operation_id ? route->spec.operation_id : route->spec.name;
    return word_of(arena, brio_str_from(given));
}

static brio_str name_of(brio_app_document *doc, const brio_app *app, const brio_app_route *route)
{
    brio_str name = plain_name(doc->scratch, route);
    int n = 1;
    for (const brio_app_route *r = app->routes; r != route; r = r->next)
        n += brio_app_is_channel(r) && brio_str_eq(plain_name(doc->scratch, r), name);
    return n == 1 ? name : brio_printf(doc->scratch, "%.*s_%d", BRIO_ARG(name), n);
}

static void put_text(brio_json_writer *w, brio_str key, brio_str text)
{
    if (!text.len)
        return;
    brio_json_key(w, key);
    brio_json_str(w, text);
}

static void put_ref(brio_json_writer *w, brio_str to)
{
    brio_json_begin(w, '{');
    put_text(w, BRIO_S("$ref"), to);
    brio_json_end(w, '}');
}

/* ---- Parameters ------------------------------------------------------------------------ */

/* Values of a path are text there: what they must be is said in words. */
static void put_path_parameter(brio_app_document *doc, const brio_app_param *p)
{
    brio_json_writer *w = &doc->w;
    brio_buf schema = {0};
    brio_json_writer s = {.out = &schema};
    brio_schema_field(&s, p->model, p->field);
    brio_json_key(w, p->wire);
    brio_json_begin(w, '{');
    put_text(w, BRIO_S("description"), brio_str_from(p->field->description));
    brio_json_key(w, BRIO_S("x-schema"));
    brio_json_raw(w, brio_buf_str(&schema));
    brio_json_end(w, '}');
    w->out->failed |= schema.failed;
    brio_buf_fini(&schema);
}

static void put_path_parameters(brio_app_document *doc, const brio_app_route *route)
{
    const brio_app_params *path = &route->from[BRIO_IN_PATH];
    if (!path->n)
        return;
    brio_json_key(&doc->w, BRIO_S("parameters"));
    brio_json_begin(&doc->w, '{');
    for (size_t i = 0; i < path->n; i++)
        put_path_parameter(doc, &path->rows[i]);
    brio_json_end(&doc->w, '}');
}

static bool shows_any(const brio_app_params *rows)
{
    for (size_t i = 0; i < rows->n; i++)
        if (!rows->rows[i].field->hidden)
            return true;
    return false;
}

static void put_required(brio_json_writer *w, const brio_app_params *rows)
{
    bool any = false;
    for (size_t i = 0; i < rows->n; i++) {
        const brio_field *field = rows->rows[i].field;
        if (field->hidden || !brio_app_field_required(field))
            continue;
        if (!any) {
            brio_json_key(w, BRIO_S("required"));
            brio_json_begin(w, '[');
        }
        any = true;
        brio_json_str(w, rows->rows[i].wire);
    }
    if (any)
        brio_json_end(w, ']');
}

/* The parameters of one origin, as an object. */
static void put_object(brio_app_document *doc, brio_str key, const brio_app_params *rows)
{
    brio_json_writer *w = &doc->w;
    if (!shows_any(rows))
        return;
    brio_json_key(w, key);
    brio_json_begin(w, '{');
    put_text(w, BRIO_S("type"), BRIO_S("object"));
    brio_json_key(w, BRIO_S("properties"));
    brio_json_begin(w, '{');
    for (size_t i = 0; i < rows->n; i++) {
        if (rows->rows[i].field->hidden)
            continue;
        brio_json_key(w, rows->rows[i].wire);
        brio_schema_field(w, rows->rows[i].model, rows->rows[i].field);
    }
    brio_json_end(w, '}');
    put_required(w, rows);
    brio_json_end(w, '}');
}

static void put_binding(brio_app_document *doc, const brio_app_route *route, bool socket)
{
    brio_json_writer *w = &doc->w;
    brio_json_key(w, BRIO_S("bindings"));
    brio_json_begin(w, '{');
    brio_json_key(w, socket ? BRIO_S("ws") : BRIO_S("http"));
    brio_json_begin(w, '{');
    put_text(w, BRIO_S("method"), socket ? BRIO_S("GET") : brio_str_from(route->spec.method));
    put_object(doc, BRIO_S("query"), &route->from[BRIO_IN_QUERY]);
    if (socket)
        put_object(doc, BRIO_S("headers"), &route->from[BRIO_IN_HEADER]);
    put_text(w, BRIO_S("bindingVersion"), socket ? BRIO_S("0.1.0") : BRIO_S("0.3.0"));
    brio_json_end(w, '}');
    brio_json_end(w, '}');
}

/* ---- Channels ---------------------------------------------------------------------------- */

/* `model` NULL: any text or bytes. */
static void put_message(brio_app_document *doc, brio_str key, const brio_model *model,
                        brio_app_usage use)
{
    brio_json_writer *w = &doc->w;
    brio_json_key(w, key);
    brio_json_begin(w, '{');
    if (model) {
        brio_schema_mode mode = brio_app_document_mode(doc, use);
        put_text(w, BRIO_S("contentType"), BRIO_S("application/json"));
        put_text(w, BRIO_S("title"), brio_str_from(model->name));
        brio_json_key(w, BRIO_S("payload"));
        brio_schema_use_as(w, &mode, model, (brio_str){0});
    }
    brio_json_end(w, '}');
}

static void put_channel(brio_app_document *doc, const brio_app_route *route)
{
    brio_json_writer *w = &doc->w;
    bool socket = brio_app_is_socket(route);
    brio_json_begin(w, '{');
    put_text(w, BRIO_S("address"), route->path.format);
    put_text(w, BRIO_S("summary"), brio_str_from(route->spec.summary));
    put_text(w, BRIO_S("description"), brio_str_from(route->spec.description));
    put_path_parameters(doc, route);
    brio_json_key(w, BRIO_S("messages"));
    brio_json_begin(w, '{');
    if (socket)
        put_message(doc, BRIO_S("received"), brio_app_channel_receives(route), BRIO_APP_INPUT);
    put_message(doc, BRIO_S("sent"), brio_app_channel_sends(route), BRIO_APP_OUTPUT);
    brio_json_end(w, '}');
    if (socket)
        put_binding(doc, route, true);
    brio_json_end(w, '}');
}

void brio_app_asyncapi_channels(brio_app_document *doc, const brio_app *app)
{
    brio_json_key(&doc->w, BRIO_S("channels"));
    brio_json_begin(&doc->w, '{');
    for (const brio_app_route *r = app->routes; r; r = r->next) {
        if (!brio_app_is_channel(r))
            continue;
        brio_json_key(&doc->w, name_of(doc, app, r));
        put_channel(doc, r);
    }
    brio_json_end(&doc->w, '}');
}

/* ---- Operations ------------------------------------------------------------------------------ */

static void put_tags(brio_json_writer *w, const brio_app_route *route)
{
    brio_str rest = brio_str_from(route->spec.tags), tag;
    if (!brio_app_next_tag(&rest, &tag))
        return;
    brio_json_key(w, BRIO_S("tags"));
    brio_json_begin(w, '[');
    do {
        brio_json_begin(w, '{');
        put_text(w, BRIO_S("name"), tag);
        brio_json_end(w, '}');
    } while (brio_app_next_tag(&rest, &tag));
    brio_json_end(w, ']');
}

static void put_operation(brio_app_document *doc, const brio_app_route *route, brio_str channel,
                          bool sends)
{
    brio_json_writer *w = &doc->w;
    const char *message = sends ? "sent" : "received";
    brio_json_key(
        w, brio_printf(doc->scratch, "%.*s_%s", BRIO_ARG(channel), sends ? "send" : "receive"));
    brio_json_begin(w, '{');
    put_text(w, BRIO_S("action"), sends ? BRIO_S("send") : BRIO_S("receive"));
    brio_json_key(w, BRIO_S("channel"));
    put_ref(w, brio_printf(doc->scratch, "#/channels/%.*s", BRIO_ARG(channel)));
    put_tags(w, route);
    brio_json_key(w, BRIO_S("messages"));
    brio_json_begin(w, '[');
    put_ref(w,
            brio_printf(doc->scratch, "#/channels/%.*s/messages/%s", BRIO_ARG(channel), message));
    brio_json_end(w, ']');
    if (!brio_app_is_socket(route))
        put_binding(doc, route, false);
    brio_json_end(w, '}');
}

void brio_app_asyncapi_operations(brio_app_document *doc, const brio_app *app)
{
    brio_json_key(&doc->w, BRIO_S("operations"));
    brio_json_begin(&doc->w, '{');
    for (const brio_app_route *r = app->routes; r; r = r->next) {
        if (!brio_app_is_channel(r))
            continue;
        brio_str name = name_of(doc, app, r);
        if (brio_app_is_socket(r))
            put_operation(doc, r, name, false);
        put_operation(doc, r, name, true);
    }
    brio_json_end(&doc->w, '}');
}
