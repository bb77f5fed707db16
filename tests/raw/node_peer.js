// SPDX-License-Identifier: MIT
// examples/probe in node: the same routes, as far as raw requests can tell.
const http = require("http");
const server = http.createServer((request, response) => {
  const body = [];
  request.on("data", (piece) => body.push(piece));
  request.on("end", () => {
    const path = request.url.replace(/^https?:\/\/[^/?]*/i, "").split("?")[0] || "/";
    if (request.method === "POST" && (path === "/" || path === "/echo")) response.end(Buffer.concat(body));
    else if (path === "/nocontent") response.writeHead(204).end();
    else if (path !== "/" && path !== "/only-get") response.writeHead(404).end();
    else if (request.method !== "GET" && request.method !== "HEAD") response.writeHead(405).end();
    else response.end("node\n");
  });
});
server.listen(Number(process.argv[process.argv.indexOf("--port") + 1]), "127.0.0.1");
