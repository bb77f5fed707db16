/* SPDX-License-Identifier: MIT
 *
 * What the document says about the application. */
#include <brio/brio.h>

static const char description[] = "\n"
                                  "ChimichangApp API helps you do awesome stuff. 🚀\n"
                                  "\n"
                                  "## Items\n"
                                  "\n"
                                  "You can **read items**.\n"
                                  "\n"
                                  "## Users\n"
                                  "\n"
                                  "You will be able to:\n"
                                  "\n"
                                  "* **Create users** (_not implemented_).\n"
                                  "* **Read users** (_not implemented_).\n";

static int read_items(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON([{"name": "Katana"}]);
    return 0;
}

BRIO_MAIN(.title = "ChimichangApp", .description = description,
          .summary = "Deadpool's favorite app. Nuff said.", .version = "0.0.1",
          .terms_of_service = "http://example.com/terms/",
          .contact = {.name = "Deadpoolio the Amazing",
                      .url = "http://x-force.example.com/contact/",
                      .email = "dp@x-force.example.com"},
          .license = {.name = "Apache 2.0",
                      .url = "https://www.apache.org/licenses/LICENSE-2.0.html"})
{
    BRIO_GET(app, "/items/", read_items, brio_none, brio_json);
}
