/* SPDX-License-Identifier: MIT
 *
 * /asyncapi.json and the page that reads it: channels with their parameters, a
 * button that connects, a place for a message and what comes back. The page is
 * this app's own, needs nothing from elsewhere, and its policy lets it talk to
 * this app only. */
#include "app/docs_internal.h"

#define HTML   BRIO_S("text/html; charset=utf-8")
#define SCRIPT BRIO_S("text/javascript; charset=utf-8")
#define STYLE  BRIO_S("text/css; charset=utf-8")

static const char policy[] = "default-src 'none'; script-src 'self'; style-src 'self'; "
                             "connect-src 'self'; img-src data:; base-uri 'none'; "
                             "form-action 'none'; frame-ancestors 'self'";

/* ---- The document ------------------------------------------------------------- */

static int asyncapi_page(brio_request *req, brio_http_response *answer)
{
    brio_app_page page = brio_app_page_begin(req, "");
    int rc = brio_app_asyncapi_for(req->app, req->http->host, page.out);
    return rc < 0 ? rc : brio_app_page_end(&page, req, BRIO_S("application/json"), NULL, answer);
}

/* ---- The page ------------------------------------------------------------------- */

static int asyncdocs_page(brio_request *req, brio_http_response *answer)
{
    const brio_app_options *o = &req->app->options;
    brio_app_page page = brio_app_page_begin(req, o->asyncdocs_url);
    brio_app_page_put(&page,
                      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                      "<link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\"");
    brio_app_page_file(&page, "page.css");
    brio_app_page_put(&page, "\">\n<title>");
    brio_app_page_text(&page, brio_str_from(o->title));
    brio_app_page_put(&page, " - AsyncAPI</title>\n</head>\n<body data-root=\"");
    brio_app_page_url(&page, BRIO_S(""));
    brio_app_page_put(&page, "\" data-document=\"");
    brio_app_page_url(&page, brio_str_from(o->asyncapi_url));
    brio_app_page_put(&page, "\">\n<header><h1>");
    brio_app_page_text(&page, brio_str_from(o->title));
    brio_app_page_put(&page, " <small>");
    brio_app_page_text(&page, brio_str_from(o->version));
    brio_app_page_put(&page, "</small></h1><a href=\"");
    brio_app_page_url(&page, brio_str_from(o->asyncapi_url));
    brio_app_page_put(&page, "\">");
    brio_app_page_url(&page, brio_str_from(o->asyncapi_url));
    brio_app_page_put(&page, "</a></header>\n<main></main>\n<noscript>This page needs JavaScript."
                             "</noscript>\n<script src=\"");
    brio_app_page_file(&page, "page.js");
    brio_app_page_put(&page, "\"></script>\n</body>\n</html>\n");
    return brio_app_page_end(&page, req, HTML, policy, answer);
}

static const char page_css[] =
    ":root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }\n"
    "body { margin: 0 auto; max-width: 60rem; padding: 1rem; }\n"
    "header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 1rem; }\n"
    "h1 small { font-size: .5em; opacity: .7; }\n"
    "section { border: 1px solid #8886; border-radius: .5rem; margin: 1rem 0; padding: 0 1rem "
    "1rem; }\n"
    "h2 { font: 600 1.1rem ui-monospace, monospace; overflow-wrap: anywhere; }\n"
    "h2 b { border-radius: .25rem; background: #8883; padding: .1rem .4rem; margin-right: .5rem; "
    "}\n"
    "form { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; }\n"
    "label { display: flex; flex-direction: column; font-size: .85rem; }\n"
    "input, textarea, button { font: inherit; padding: .4rem .6rem; border-radius: .3rem; "
    "border: 1px solid #8888; }\n"
    "textarea { width: 100%; box-sizing: border-box; min-height: 5rem; "
    "font: .9rem/1.4 ui-monospace, monospace; }\n"
    "button { cursor: pointer; }\n"
    "button:disabled { cursor: default; opacity: .5; }\n"
    "ol { list-style: none; padding: 0; max-height: 20rem; overflow: auto; "
    "font: .9rem/1.4 ui-monospace, monospace; }\n"
    "li { overflow-wrap: anywhere; white-space: pre-wrap; border-top: 1px solid #8883; }\n"
    "li::before { content: attr(data-kind) \" \"; opacity: .6; }\n"
    "li[data-kind=error] { color: #c22; }\n"
    "pre { overflow: auto; font: .85rem/1.4 ui-monospace, monospace; }\n";

/* In pieces, since C promises no longer strings than 4,095 bytes. */
static const char *const page_js[] = {
    "\"use strict\";\n"
    "(async () => {\n"
    "  const {root, document: url} = document.body.dataset;\n"
    "  const main = document.querySelector(\"main\");\n"
    "  const make = (tag, props = {}, ...children) => {\n"
    "    const element = Object.assign(document.createElement(tag), props);\n"
    "    element.append(...children);\n"
    "    return element;\n"
    "  };\n"
    "  const answer = await fetch(url);\n"
    "  if (!answer.ok) {\n"
    "    main.append(make(\"p\", {}, `The document could not be had: ${answer.status}`));\n"
    "    return;\n"
    "  }\n"
    "  const api = await answer.json();\n"
    "  const word = (key) => key.replace(/~1/g, \"/\").replace(/~0/g, \"~\");\n"
    "  const follow = (value) => value && value.$ref\n"
    "    ? value.$ref.slice(2).split(\"/\").reduce((at, key) => at && at[word(key)], api) : "
    "value;\n"
    "\n"
    "  // A value that the schema would take, as far as that is easily seen.\n"
    "  const sample = (schema, depth = 0) => {\n"
    "    const s = follow(schema) || {};\n"
    "    if (s.examples && s.examples.length) return s.examples[0];\n"
    "    for (const key of [\"example\", \"default\", \"const\"]) if (key in s) return s[key];\n"
    "    if (s.enum) return s.enum[0];\n"
    "    const some = s.oneOf || s.anyOf || s.allOf;\n"
    "    if (depth > 6) return null;\n"
    "    if (some) return sample(some.find((x) => x.type !== \"null\") || some[0], depth + 1);\n"
    "    if (s.type === \"object\")\n"
    "      return Object.fromEntries(Object.entries(s.properties || {})\n"
    "        .map(([key, value]) => [key, sample(value, depth + 1)]));\n"
    "    if (s.type === \"array\") return s.items ? [sample(s.items, depth + 1)] : [];\n"
    "    if (s.type === \"integer\" || s.type === \"number\")\n"
    "      return s.minimum ?? (s.exclusiveMinimum !== undefined ? s.exclusiveMinimum + 1 : 0);\n"
    "    if (s.type === \"boolean\") return false;\n"
    "    return s.type === \"string\" ? \"string\" : null;\n"
    "  };\n"
    "  const shown = (value) => value === undefined || value === null ? \"\"\n"
    "    : typeof value === \"object\" ? JSON.stringify(value) : String(value);\n"
    "\n"
    "  const field = (name, schema, required) => {\n"
    "    const input = make(\"input\", {name, required, value: required ? shown(sample(schema)) : "
    "\"\"});\n"
    "    return {name, input, label: make(\"label\", {}, required ? `${name} *` : name, input)};\n"
    "  };\n"
    "  const described = (title, message) => {\n"
    "    const payload = message && message.payload;\n"
    "    if (!payload) return [];\n"
    "    const pre = make(\"pre\", {}, JSON.stringify(follow(payload), null, 2));\n"
    "    const name = message.title ? `${title}: ${message.title}` : title;\n"
    "    return [make(\"details\", {}, make(\"summary\", {}, name), pre)];\n"
    "  };\n"
    "\n",
    "  const show = (id, channel) => {\n"
    "    const ops = Object.values(api.operations).filter((o) => o.channel.$ref === "
    "`#/channels/${id}`);\n"
    "    const socket = channel.bindings && channel.bindings.ws;\n"
    "    const http = ops.map((o) => o.bindings && o.bindings.http).find(Boolean);\n"
    "    const query = (socket || http || {}).query || {};\n"
    "    const paths = Object.entries(channel.parameters || {})\n"
    "      .map(([name, p]) => field(name, p[\"x-schema\"], true));\n"
    "    const queries = Object.entries(query.properties || {})\n"
    "      .map(([name, schema]) => field(name, schema, (query.required || []).includes(name)));\n"
    "    const {received, sent} = channel.messages;\n"
    "    const go = make(\"button\", {type: \"submit\"}, \"Connect\");\n"
    "    const stop = make(\"button\", {type: \"button\", disabled: true}, \"Close\");\n"
    "    const form = make(\"form\", {}, ...[...paths, ...queries].map((f) => f.label), go, "
    "stop);\n"
    "    const text = make(\"textarea\", {spellcheck: false, value: received && received.payload\n"
    "      ? JSON.stringify(sample(received.payload), null, 2) : \"\"});\n"
    "    text.setAttribute(\"aria-label\", \"message\");\n"
    "    const send = make(\"button\", {type: \"button\", disabled: true}, \"Send\");\n"
    "    const log = make(\"ol\");\n"
    "    log.setAttribute(\"aria-live\", \"polite\");\n"
    "    const note = (kind, words) => {\n"
    "      const line = make(\"li\", {}, words);\n"
    "      line.dataset.kind = kind;\n"
    "      log.append(line);\n"
    "      while (log.children.length > 500) log.firstChild.remove();\n"
    "      line.scrollIntoView({block: \"nearest\"});\n"
    "    };\n",
    "    let live = null;\n"
    "    const set = (open) => {\n"
    "      go.disabled = live !== null;\n"
    "      stop.disabled = live === null;\n"
    "      send.disabled = !open;\n"
    "    };\n"
    "    const ended = () => { live = null; set(false); };\n"
    "    const address = () => {\n"
    "      const given = Object.fromEntries(paths.map((f) => [f.name, f.input.value]));\n"
    "      const path = channel.address.replace(/\\{(.+?)\\}/g,\n"
    "        (_, name) => encodeURIComponent(given[name]).replace(/%2F/g, \"/\"));\n"
    "      const search = new URLSearchParams(queries.filter((f) => f.input.value !== \"\")\n"
    "        .map((f) => [f.name, f.input.value])).toString();\n"
    "      return root + path + (search ? \"?\" + search : \"\");\n"
    "    };\n"
    "    const connect = (to) => {\n"
    "      live = new WebSocket(location.origin.replace(/^http/, \"ws\") + to);\n"
    "      live.binaryType = \"arraybuffer\";\n"
    "      live.onopen = () => { note(\"open\", to); set(true); };\n"
    "      live.onmessage = ({data}) => note(\"<\", typeof data === \"string\" ? data\n"
    "        : `${data.byteLength} bytes`);\n"
    "      live.onclose = ({code, reason}) => { note(\"closed\", `${code} ${reason}`); ended(); "
    "};\n"
    "    };\n"
    "    const listen = (to) => {\n"
    "      live = new EventSource(to);\n"
    "      live.onopen = () => note(\"open\", to);\n"
    "      live.onmessage = ({data}) => note(\"<\", data);\n"
    "      live.onerror = () => { live.close(); note(\"closed\", \"\"); ended(); };\n"
    "    };\n"
    "    form.onsubmit = (event) => {\n"
    "      event.preventDefault();\n"
    "      (socket ? connect : listen)(address());\n"
    "      set(false);\n"
    "    };\n"
    "    stop.onclick = () => {\n"
    "      live.close();\n"
    "      if (!socket) { note(\"closed\", \"\"); ended(); }\n"
    "    };\n"
    "    send.onclick = () => { live.send(text.value); note(\">\", text.value); };\n"
    "    const title = make(\"h2\", {}, make(\"b\", {}, socket ? \"WS\" : \"SSE\"), "
    "channel.address);\n"
    "    const words = [channel.summary, channel.description].filter(Boolean)\n"
    "      .map((w) => make(\"p\", {}, w));\n"
    "    main.append(make(\"section\", {id}, title, ...words, form,\n"
    "      ...(socket ? [make(\"p\", {}, text), send] : []), log,\n"
    "      ...described(\"Received from clients\", received), ...described(\"Sent to clients\", "
    "sent)));\n"
    "  };\n"
    "  for (const [id, channel] of Object.entries(api.channels)) show(id, channel);\n"
    "})();\n"};

static int css_page(brio_request *req, brio_http_response *answer)
{
    (void)req;
    answer->content_type = STYLE;
    answer->body = brio_str_from(page_css);
    return 0;
}

static int js_page(brio_request *req, brio_http_response *answer)
{
    brio_app_page page = brio_app_page_begin(req, "");
    for (size_t i = 0; i < sizeof page_js / sizeof *page_js; i++)
        brio_app_page_put(&page, page_js[i]);
    return brio_app_page_end(&page, req, SCRIPT, NULL, answer);
}

void brio_app_asyncdocs_register(brio_app *app)
{
    const brio_app_options *o = &app->options;
    if (app->has_channels || !*o->asyncapi_url || !*o->openapi_url)
        return;
    app->has_channels = true;
    brio_app_add_page(app, o->asyncapi_url, asyncapi_page);
    if (!*o->asyncdocs_url)
        return;
    brio_app_add_page(app, o->asyncdocs_url, asyncdocs_page);
    brio_app_add_page(app, brio_app_page_path(app, o->asyncdocs_url, "page.css"), css_page);
    brio_app_add_page(app, brio_app_page_path(app, o->asyncdocs_url, "page.js"), js_page);
}
