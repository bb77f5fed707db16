// SPDX-License-Identifier: MIT
// usage: node docs.js CHROMIUM PORT PREFIX [SCREENSHOT]
//
// The guide's pages. With a PREFIX a small reverse proxy stands before the server,
// as in life, with a policy of its own; the pages must still find everything.
const { check, proxy, open, run } = require('./page.js');

const [chromium, port, prefix, screenshot] = process.argv.slice(2);
const at = prefix ? ` (below ${prefix})` : '';
const POLICY = { 'content-security-policy': "script-src 'self'; worker-src blob:; object-src 'none'; base-uri 'none'" };

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

run(chromium, async (browser) => {
  const front = prefix ? await proxy(port, prefix, POLICY) : null;
  const base = `http://127.0.0.1:${front ? front.address().port : port}${prefix}`;
  const { page, problems } = await open(browser, [base]);

  await page.goto(base + '/docs');
  await page.waitForSelector('.opblock');
  const paths = await page.locator('.opblock-summary-path').allInnerTexts();
  const plain = paths.map((p) => p.replace(/\u200b/g, ''));
  check(`/docs lists the routes${at}`, ['/users/', '/async-slow', '/transfer-money/'].every((p) => plain.includes(p)), plain.join(' '));
  check(`/docs has the title${at}`, (await page.title()) === 'The async guide - Swagger UI', await page.title());
  if (screenshot) await page.screenshot({ path: screenshot });
  const status = await tryIt(page);
  check(`"Try it out" on POST /users/ gives 200${at}`, status === '200', status);

  await page.goto(base + '/redoc');
  await page.waitForSelector('h1');
  const redoc = await page.locator('h1').first().innerText();
  check(`/redoc shows the document${at}`, redoc.includes('The async guide'), redoc);
  check(`nothing failed and nothing came from elsewhere${at}`, problems.length === 0, problems.join('\n#   '));
  if (front) front.close();
});
