/* SPDX-License-Identifier: MIT
 *
 * Callbacks: requests that the API will send to its client, described beside the
 * operation that leads to them. */
#include <brio/brio.h>

typedef struct Invoice {
    brio_str id;
    brio_str *title;
    brio_str customer;
    double total;
} Invoice;
BRIO_MODEL(Invoice, BRIO_FIELD(id), BRIO_FIELD(title), BRIO_FIELD(customer), BRIO_FIELD(total));

typedef struct InvoiceEvent {
    brio_str description;
    bool paid;
} InvoiceEvent;
BRIO_MODEL(InvoiceEvent, BRIO_FIELD(description), BRIO_FIELD(paid));

typedef struct InvoiceEventReceived {
    bool ok;
} InvoiceEventReceived;
BRIO_MODEL(InvoiceEventReceived, BRIO_FIELD(ok));

typedef struct CreateInvoice {
    Invoice invoice;
    brio_http_url *callback_url;
} CreateInvoice;
BRIO_MODEL(CreateInvoice, BRIO_BODY(invoice, Invoice), BRIO_QUERY(callback_url));

/* Sends the invoice, collects the money, sends the notification. */
static int create_invoice(brio_request *req, const CreateInvoice *in, brio_json *out)
{
    *out = BRIO_JSON({"msg": "Invoice received"});
    return 0;
}

BRIO_MAIN()
{
    brio_router *callbacks = brio_router_new(app, NULL);
    BRIO_DESCRIBE(callbacks, "POST", "{$callback_url}/invoices/{$request.body.id}",
                  invoice_notification, InvoiceEvent, InvoiceEventReceived);
    BRIO_POST(app, "/invoices/", create_invoice, CreateInvoice, brio_json, .callbacks = callbacks,
              .description =
                  "Create an invoice.\n\n"
                  "This will (let's imagine) let the API user (some external developer) create an\n"
                  "invoice.\n\n"
                  "And this path operation will:\n\n"
                  "* Send the invoice to the client.\n"
                  "* Collect the money from the client.\n"
                  "* Send a notification back to the API user (the external developer), as a "
                  "callback.\n"
                  "    * At this point is that the API will somehow send a POST request to the\n"
                  "        external API with the notification of the invoice event\n"
                  "        (e.g. \"payment successful\").");
}
