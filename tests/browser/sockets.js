// SPDX-License-Identifier: MIT
// usage: node sockets.js CHROMIUM PORT
//
// Chromium's own WebSocket with tests/interop/sockets.c: compression, which it always
// offers, messages of many sizes, a subprotocol, close codes.
const { check, run } = require('./page.js');

const [chromium, port] = process.argv.slice(2);

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

run(chromium, async (browser) => {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${port}/openapi.json`);
  for (const [path, want] of [
    ['/', '3001 bye true permessage-deflate'],
    ['/events', '3001 bye true permessage-deflate'],
    ['/takeover', '3001 bye true permessage-deflate'],
  ]) {
    const got = await page.evaluate(echo, [`ws://127.0.0.1:${port}${path}`, '']);
    check(`a page echoes on ${path}`, got.startsWith(want), got);
  }
  const got = await page.evaluate(echo, [`ws://127.0.0.1:${port}/chat`, 'chat']);
  check('a page speaks a subprotocol', got.endsWith(' chat'), got);
});
