// SPDX-License-Identifier: MIT
// npm's `ws` and brio: echoes through compression, pings, codes; one TAP line each.
// usage: sockets.js PORT
"use strict";
const WebSocket = require("ws");
const port = process.argv[2];
let failed = 0;

function tell(name, problem) {
    failed += problem ? 1 : 0;
    console.log(`${problem ? "not ok" : "ok"} - ws: ${name}${problem ? `\n#   ${problem}` : ""}`);
}

function open(path, options) {
    return new Promise((resolve, reject) => {
        const ws = new WebSocket(`ws://127.0.0.1:${port}${path}`, options);
        ws.on("open", () => resolve(ws));
        ws.on("error", reject);
    });
}

const once = (ws, event) => new Promise((resolve) => ws.once(event, (...args) => resolve(args)));

async function echoes(path, options, extensions) {
    const ws = await open(path, options);
    if (ws.extensions !== extensions)
        throw new Error(`extensions ${ws.extensions}`);
    for (const n of [0, 1, 125, 126, 1024, 65535, 65536, 300000]) {
        for (const data of ["☃a".repeat(n), Buffer.alloc(n, "0123456789")]) {
            ws.send(data);
            const [got, binary] = await once(ws, "message");
            if (binary !== (typeof data !== "string") || Buffer.compare(got, Buffer.from(data)))
                throw new Error(`${n} came back as ${got.length} bytes`);
        }
    }
    ws.ping("are you there");
    const [pong] = await once(ws, "pong");
    if (pong.toString() !== "are you there")
        throw new Error(`pong ${pong}`);
    ws.close(3001, "bye");
    const [code, reason] = await once(ws, "close");
    if (code !== 3001 || reason.toString() !== "bye")
        throw new Error(`closed with ${code} ${reason}`);
}

async function tooMuch() {
    const ws = await open("/small", {});
    ws.send("x".repeat(1001));
    const [code] = await once(ws, "close");
    if (code !== 1009)
        throw new Error(`closed with ${code}`);
}

async function run(name, fn) {
    try {
        await fn();
        tell(name, "");
    } catch (error) {
        tell(name, String(error));
    }
}

(async () => {
    const deflate = { perMessageDeflate: { threshold: 0 } };
    for (const path of ["/", "/events"]) {
        await run(`${path} compressed`, () => echoes(path, deflate, "permessage-deflate"));
        await run(`${path} plain`, () => echoes(path, { perMessageDeflate: false }, ""));
    }
    await run("/takeover", () => echoes("/takeover", deflate, "permessage-deflate"));
    await run("a narrow window", () => echoes("/takeover",
        { perMessageDeflate: { threshold: 0, serverMaxWindowBits: 9, clientMaxWindowBits: 9 } }, "permessage-deflate"));
    await run("a message beyond the limit", tooMuch);
    process.exit(failed ? 1 : 0);
})();
