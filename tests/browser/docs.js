// SPDX-License-Identifier: MIT
// usage: node docs.js PORT CHROMIUM PREFIX [SCREENSHOT]
//
// With a PREFIX a small reverse proxy stands before the server, as in life: it
// strips the prefix, and the pages must still find everything.
const http = require('node:http');
const { chromium } = require('playwright-core');

const [port, executablePath, prefix, screenshot] = process.argv.slice(2);
let failed = 0;

function check(name, passed, detail = '') {
  console.log(`${passed ? 'ok' : 'not ok'} - browser${prefix}: ${name}${passed ? '' : '\n#   ' + detail}`);
  if (!passed) failed = 1;
}

function proxy() {
  return new Promise((resolve) => {
    const server = http.createServer((req, res) => {
      if (!req.url.startsWith(prefix + '/')) {
        res.writeHead(404).end('outside the prefix');
        return;
      }
      const options = { port, path: req.url.slice(prefix.length), method: req.method, headers: req.headers };
      const forward = http.request(options, (answer) => {
        res.writeHead(answer.statusCode, answer.headers);
        answer.pipe(res);
      });
      req.pipe(forward);
    });
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

async function tryIt(page) {
  const block = page.locator('.opblock-post', { hasText: '/users/' }).first();
  await block.locator('.opblock-summary').click();
  await block.getByRole('button', { name: 'Try it out' }).click();
  await block.locator('tr[data-param-name="name"] input').fill('Grace Hopper');
  await block.locator('tr[data-param-name="email"] input').fill('grace@example.com');
  await block.getByRole('button', { name: 'Execute' }).click();
  const status = block.locator('.live-responses-table tbody .response-col_status').first();
  await status.waitFor();
  return (await status.innerText()).trim();
}

async function main() {
  const front = prefix ? await proxy() : null;
  const base = `http://127.0.0.1:${front ? front.address().port : port}${prefix}`;
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
  const page = await browser.newPage({ viewport: { width: 1200, height: 1400 } });
  const problems = [];
  page.on('console', (m) => m.type() === 'error' && problems.push(m.text()));
  page.on('pageerror', (e) => problems.push(String(e)));
  page.on('request', (r) => {
    const url = r.url();
    if (!url.startsWith(base) && !/^(data|blob):/.test(url)) problems.push('foreign request: ' + url);
  });
  page.on('response', (r) => r.status() >= 400 && problems.push(`${r.status()} ${r.url()}`));

  await page.goto(base + '/docs');
  await page.waitForSelector('.opblock');
  const paths = await page.locator('.opblock-summary-path').allInnerTexts();
  const plain = paths.map((p) => p.replace(/\u200b/g, ''));
  check('/docs lists the routes', ['/users/', '/async-slow', '/transfer-money/'].every((p) => plain.includes(p)), plain.join(' '));
  check('/docs has the title', (await page.title()) === 'The async guide - Swagger UI', await page.title());
  if (screenshot) await page.screenshot({ path: screenshot });
  const status = await tryIt(page);
  check('"Try it out" on POST /users/ gives 200', status === '200', status);

  await page.goto(base + '/redoc');
  await page.waitForSelector('h1');
  const redoc = await page.locator('h1').first().innerText();
  check('/redoc shows the document', redoc.includes('The async guide'), redoc);
  check('nothing failed and nothing came from elsewhere', problems.length === 0, problems.join('\n#   '));
  await browser.close();
  if (front) front.close();
  process.exit(failed);
}

main().catch((error) => {
  console.log(`not ok - browser${prefix}: ${error.message}`);
  process.exit(1);
});
