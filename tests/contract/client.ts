// SPDX-License-Identifier: MIT
//
// Uses the client that openapi-typescript and openapi-fetch make of the guide.
import createClient from "openapi-fetch";
import type { paths } from "./guide.js";

declare const process: { argv: string[]; exitCode: number };

const client = createClient<paths>({ baseUrl: process.argv[2] });

function check(ok: boolean, what: string, value: unknown) {
  if (ok) return;
  console.log(what, JSON.stringify(value));
  process.exitCode = 1;
}

const made = await client.POST("/users/", { params: { query: { name: "Ada", email: "ada@example.com" } } });
check(made.data?.name === "Ada", "a user is made", made.data);
const users = await client.GET("/users/");
const id: number | undefined = made.data?.id;
check(users.data?.some((user) => user.id === id) ?? false, "the user is listed", users.data);
const missing = await client.GET("/accounts/{user_id}", { params: { path: { user_id: 99 } } });
check(missing.response.status === 404, "there is no such account", missing.error);
const wrong = await client.GET("/accounts/{user_id}", { params: { path: { user_id: "x" as never } } });
check(wrong.response.status === 422, "an account is a number", wrong.error);
