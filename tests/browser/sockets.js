// SPDX-License-Identifier: MIT
// usage: node sockets.js CHROMIUM PORT TLS_PORT
//
// Chromium's own WebSocket with tests/interop/sockets.c: compression, which it always
// offers, messages of many sizes, a subprotocol, close codes; from a page over plain
// HTTP/1.1, over TLS, and on streams of the HTTP/2 connection that the page came over
// (RFC 8441), which the status of the handshake tells: 200 instead of 101.
const { check, run } = require('./page.js');

const [chromium, port, tlsPort] = process.argv.slice(2);
const PATHS = ['/', '/events', '/takeover'];

// In the page: echoes on `url`; what was wrong, or how it ended.
function echo([url, protocol]) {
  const sizes = [0, 1, 125, 126, 1024, 65535, 65536, 300000];
  const texts = sizes.map((n) => '☃a'.repeat(n));
  return new Promise((resolve) => {
    const ws = new WebSocket(url, protocol ? [protocol] : []);
    let at = 0;
    const next = () => (at < texts.length ? ws.send(texts[at]) : ws.close(3001, 'bye'));
    ws.onopen = next;
    ws.onmessage = (event) => {
      if (event.data !== texts[at]) resolve(`${sizes[at]} came back as ${event.data.length}`);
      at++;
      next();
    };
    ws.onclose = (event) => resolve(`${event.code} ${event.reason} ${event.wasClean} ${ws.extensions} ${ws.protocol}`);
  });
}

// In the page: several at once, each with its own numbers.
function together([url, n]) {
  const one = (id) => new Promise((resolve) => {
    const ws = new WebSocket(url);
    const got = [];
    ws.onopen = () => { for (let i = 0; i < 50; i++) ws.send(`${id} ${i}`); };
    ws.onmessage = (event) => { if (got.push(event.data) === 50) ws.close(); };
    ws.onclose = () => resolve(got.every((text, i) => text === `${id} ${i}`) && got.length === 50);
  });
  return Promise.all([...Array(n).keys()].map(one)).then((good) => good.every(Boolean));
}

// A page at `url` and the statuses of its WebSockets' handshakes.
async function open(browser, url) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  const statuses = new Set();
  const session = await context.newCDPSession(page);
  session.on('Network.webSocketHandshakeResponseReceived', (event) => statuses.add(event.response.status));
  await session.send('Network.enable');
  await page.goto(url);
  return { page, statuses };
}

// Everything that a page at `from` says to sockets at `to`.
async function converse(browser, name, from, to, status) {
  const { page, statuses } = await open(browser, `${from}/openapi.json`);
  for (const path of PATHS) {
    const got = await page.evaluate(echo, [to + path, '']);
    check(`${name}: a page echoes on ${path}`, got.startsWith('3001 bye true permessage-deflate'), got);
  }
  const got = await page.evaluate(echo, [`${to}/chat`, 'chat']);
  check(`${name}: a page speaks a subprotocol`, got.endsWith(' chat'), got);
  check(`${name}: twenty at once`, await page.evaluate(together, [`${to}/events`, 20]), 'a message is missing or wrong');
  check(`${name}: each handshake is a ${status}`, [...statuses].join() === String(status), [...statuses].join());
  await page.context().close();
}

run(chromium, async (browser) => {
  const plain = `http://127.0.0.1:${port}`, secure = `https://127.0.0.1:${tlsPort}`;
  await converse(browser, 'HTTP/1.1', plain, `ws://127.0.0.1:${port}`, 101);
  await converse(browser, 'HTTP/1.1 over TLS', plain, `wss://127.0.0.1:${tlsPort}`, 101);
  await converse(browser, 'HTTP/2', secure, `wss://127.0.0.1:${tlsPort}`, 200);
});
