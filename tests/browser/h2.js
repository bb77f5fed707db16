// SPDX-License-Identifier: MIT
// usage: node h2.js CHROMIUM PORT BYTES
//
// Chromium over HTTP/2, which TLS has agreed upon: the pages, a typed POST from Swagger UI, events, a
// file of BYTES bytes as a download. The certificate is nobody's, so this page trusts whom it meets.
const fs = require('node:fs');
const { check, run } = require('./page.js');

const [chromium, port, bytes] = process.argv.slice(2);
const base = `https://localhost:${port}`;

// In the page: what all that was loaded came by.
const protocols = () => {
  const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
  return entries.map((e) => `${e.nextHopProtocol} ${new URL(e.name).pathname}`);
};

async function tryIt(page) {
  const block = page.locator('.opblock-post', { hasText: '/items' }).first();
  await block.locator('.opblock-summary').click();
  await block.getByRole('button', { name: 'Try it out' }).click();
  await block.locator('textarea.body-param__text').fill('{"name": "Lamp", "price": 2.5}');
  await block.getByRole('button', { name: 'Execute' }).click();
  const row = block.locator('.live-responses-table tbody tr.response').first();
  await row.waitFor();
  return row.innerText();
}

// In the page: the events until the tenth.
const events = () => new Promise((resolve) => {
  const seen = [];
  const source = new EventSource('/ticks');
  source.onerror = () => resolve(['error', ...seen]);
  source.addEventListener('tick', (e) => {
    seen.push(`${e.lastEventId}:${e.data}`);
    if (seen.length === 10) resolve((source.close(), seen));
  });
});

// In the page: many at once, on the one connection.
const crowd = () => Promise.all(Array.from({ length: 60 }, (_, i) => fetch('/items', {
  method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name: i % 3 ? 'Lamp' : 'L', price: i + 1 }),
}).then(async (r) => `${r.status} ${(await r.json()).price}`)));

run(chromium, async (browser) => {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, acceptDownloads: true });
  const page = await context.newPage();
  const problems = [];
  page.on('console', (m) => m.type() === 'error' && !/422/.test(m.text()) && problems.push(m.text()));
  page.on('pageerror', (e) => problems.push(String(e)));

  await page.goto(base + '/docs');
  await page.waitForSelector('.opblock');
  const came = await page.evaluate(protocols);
  check('/docs comes by h2, with all that it needs', came.length > 2 && came.every((p) => p.startsWith('h2 ')), came.join(', '));
  const answer = await tryIt(page);
  check('a typed POST of Swagger UI, over h2', /200/.test(answer) && /"price": 5/.test(answer), answer);
  const seen = await page.evaluate(events);
  check('events, over h2', seen.join(' ') === Array.from({ length: 10 }, (_, i) => `${i + 1}:${i + 1}`).join(' '), seen.join(' '));
  const crowded = await page.evaluate(crowd);
  check('sixty requests at once, over h2', crowded.every((s, i) => s === (i % 3 ? `200 ${2 * (i + 1)}` : '422 undefined')), crowded.join(', '));
  const [download] = await Promise.all([page.waitForEvent('download'),
    page.evaluate(() => { location.href = '/report'; })]);
  const size = fs.statSync(await download.path()).size;
  check('a file is downloaded, over h2', size === Number(bytes) && download.suggestedFilename() === 'a report.bin',
    `${size} ${download.suggestedFilename()}`);
  check('nothing failed over h2', problems.length === 0, problems.join('\n#   '));
});
