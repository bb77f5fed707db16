/* SPDX-License-Identifier: MIT
 *
 * A transaction: both balances change or neither does. Whatever way the
 * handler is left before the commit, BRIO_TX rolls back. */
#include "guide.h"

typedef struct Transfer {
    int64_t from_user, to_user;
    double amount;
} Transfer;
BRIO_MODEL(Transfer, BRIO_QUERY(from_user), BRIO_QUERY(to_user),
           BRIO_QUERY(amount, .gt = BRIO_NUM(0)));

/* Adds `amount` to the account: 1, or 0 when there is no such account. */
static int change_balance(brio_db *db, brio_tx *tx, int64_t user_id, double amount)
{
    brio_done done;
    int rc = brio_db_execute(
        db, tx, "UPDATE accounts SET balance = balance + :amount WHERE user_id = :user_id",
        BRIO_PARAMS(BRIO_F64("amount", amount), BRIO_I64("user_id", user_id)), &done);
    return rc < 0 ? rc : done.changed > 0;
}

static int transfer_money(brio_request *req, const Transfer *in, Message *out)
{
    brio_db *db = guide_of(req)->db;
    BRIO_TX(tx);
    int rc = brio_tx_begin(db, &tx);
    if (rc < 0)
        return rc;
    int taken = change_balance(db, tx, in->from_user, -in->amount);
    if (taken == BRIO_ECONSTRAINT)
        return brio_fail(req, 409, "Insufficient funds");
    int given = taken > 0 ? change_balance(db, tx, in->to_user, in->amount) : taken;
    if (taken == 0 || given == 0)
        return brio_fail(req, 404, "Account not found");
    if (given < 0)
        return given;
    rc = brio_tx_commit(tx);
    if (rc < 0)
        return rc;
    char amount[BRIO_F64_TEXT_MAX];
    size_t len = brio_f64_text(amount, in->amount);
    out->message =
        brio_printf(brio_request_arena(req), "Transfert de %.*s€ effectué", (int)len, amount);
    return 0;
}

typedef struct AccountOf {
    int64_t user_id;
} AccountOf;
BRIO_MODEL(AccountOf, BRIO_PATH(user_id));

typedef struct Account {
    int64_t user_id;
    double balance;
} Account;
BRIO_MODEL(Account, BRIO_FIELD(user_id), BRIO_FIELD(balance));

static int get_account(brio_request *req, const AccountOf *in, Account *out)
{
    int rc =
        brio_db_fetch_one(guide_of(req)->db, NULL, brio_request_arena(req), BRIO_TYPE(Account), out,
                          "SELECT user_id, balance FROM accounts WHERE user_id = :user_id",
                          BRIO_PARAMS(BRIO_I64("user_id", in->user_id)));
    if (rc == 0)
        return brio_fail(req, 404, "Account not found");
    return rc < 0 ? rc : 0;
}

void guide_add_money(brio_app *app)
{
    BRIO_POST(app, "/transfer-money/", transfer_money, Transfer, Message,
              .description = "A transaction: both balances change, or neither.",
              .responses =
                  BRIO_RESPONSES({404, .model = Problem_model}, {409, .model = Problem_model}));
    BRIO_GET(app, "/accounts/{user_id}", get_account, AccountOf, Account,
             .responses = BRIO_RESPONSES({404, .model = Problem_model}));
}
