# SPDX-License-Identifier: MIT
"""Uses the client that openapi-python-client made of the guide.

usage: client.py FOLDER-OF-THE-PACKAGE URL"""
import sys

sys.path.insert(0, sys.argv[1])
from guide_client import Client  # noqa: E402
from guide_client.api.default import create_user_users_post, get_account_accounts_user_id_get, get_users_users_get  # noqa: E402
from guide_client.models import HTTPValidationError, User  # noqa: E402

client = Client(base_url=sys.argv[2])
made = create_user_users_post.sync(client=client, name="Grace Hopper", email="grace@example.com")
assert isinstance(made, User) and made.name == "Grace Hopper", made
users = get_users_users_get.sync(client=client)
assert made in users, users
account = get_account_accounts_user_id_get.sync(client=client, user_id=1)
assert account.balance == 1000.0, account
missing = get_account_accounts_user_id_get.sync_detailed(client=client, user_id=99)
assert missing.status_code == 404 and missing.parsed.detail == "Account not found", missing
wrong = get_account_accounts_user_id_get.sync(client=client, user_id="x")
assert isinstance(wrong, HTTPValidationError) and wrong.detail[0].type_ == "int_parsing", wrong
