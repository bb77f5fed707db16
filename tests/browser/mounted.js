// SPDX-License-Identifier: MIT
// usage: node mounted.js CHROMIUM PORT PREFIX
//
// sub_applications.tutorial001: two applications, each with pages of its own.
const { check, proxy, open, run } = require('./page.js');

const [chromium, port, prefix] = process.argv.slice(2);

run(chromium, async (browser) => {
  const front = await proxy(port, prefix);
  const base = `http://127.0.0.1:${front.address().port}${prefix}`;
  for (const [below, path, message] of [['', '/app', 'from main app'], ['/subapi', '/sub', 'from sub API']]) {
    const { page, problems } = await open(browser, [base]);
    await page.goto(`${base}${below}/docs`);
    const block = page.locator('.opblock').first();
    await block.locator('.opblock-summary').click();
    await block.getByRole('button', { name: 'Try it out' }).click();
    await block.getByRole('button', { name: 'Execute' }).click();
    const row = block.locator('.live-responses-table tbody tr.response').first();
    await row.waitFor();
    const answer = await row.innerText();
    const listed = (await page.locator('.opblock-summary-path').allInnerTexts()).map((p) => p.replace(/\u200b/g, ''));
    check(`${below}/docs lists its own route and no other`, listed.join() === path, listed.join());
    check(`${below}/docs executes it`, answer.includes('200') && answer.includes(message), answer);
    await page.goto(`${base}${below}/redoc`);
    await page.waitForSelector('h1');
    check(`${below}/docs and /redoc work without a fault`, problems.length === 0, problems.join('\n#   '));
  }
  front.close();
});
