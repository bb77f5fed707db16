// SPDX-License-Identifier: MIT
// usage: node chat.js CHROMIUM [SCREENSHOT] URL URL URL
//
// Three pages of the chat, each at the URL given for it, talk to each other: Ada,
// Bob and Eve, on a screen of a phone's size. Bob closes his tab.
const { chromium } = require('playwright-core');

const [executablePath, screenshot, ...urls] = process.argv.slice(2);
let failed = 0;

function check(name, passed, detail = '') {
  console.log(`${passed ? 'ok' : 'not ok'} - chat: ${name}${passed ? '' : '\n#   ' + detail}`);
  if (!passed) failed = 1;
}

async function enter(browser, url, name, problems) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const page = await context.newPage();
  page.on('console', (m) => m.type() === 'error' && problems.push(`${name}: ${m.text()}`));
  page.on('pageerror', (e) => problems.push(`${name}: ${e}`));
  await page.goto(url);
  await page.fill('#name', name);
  await page.click('#door button');
  await page.waitForSelector('#state.on');
  return page;
}

const hears = (page, text) => page.locator('#lines li', { hasText: text }).first().waitFor({ timeout: 15000 });
const count = (page, text) => page.locator('#lines li', { hasText: text }).count();
const users = (page) => page.locator('#users button').allInnerTexts();

async function say(page, text) {
  await page.fill('#text', text);
  await page.click('#write button');
}

async function seen(page, wanted) {
  try {
    await page.waitForFunction((n) => document.querySelectorAll('#users button').length === n, wanted.length, { timeout: 15000 });
  } catch { /* the comparison tells */ }
  return JSON.stringify(await users(page));
}

async function main() {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
  const problems = [];
  const ada = await enter(browser, urls[0], 'Ada', problems);
  const bob = await enter(browser, urls[1], 'Bob', problems);
  const eve = await enter(browser, urls[2], 'Eve', problems);
  const here = await seen(ada, ['Ada (you)', 'Bob', 'Eve']);
  check('all three are listed', here === JSON.stringify(['Ada (you)', 'Bob', 'Eve']), here);
  await hears(ada, 'Bob joined the chat');
  check('who comes is announced', (await count(ada, 'Bob joined the chat')) === 1);

  await say(ada, 'Hello from Ada <b>& all</b>');
  for (const page of [ada, bob, eve]) await hears(page, 'Hello from Ada <b>& all</b>');
  await say(bob, 'Hello from Bob');
  await say(eve, 'Hello from Eve');
  for (const page of [ada, bob, eve]) { await hears(page, 'Hello from Bob'); await hears(page, 'Hello from Eve'); }
  const once = await Promise.all([ada, bob, eve].map((page) => count(page, 'Hello from')));
  check('what one says all hear, once', once.every((n) => n === 3), String(once));

  await bob.locator('#text').pressSequentially('typ', { delay: 30 });
  await eve.waitForFunction(() => document.getElementById('typing').textContent === 'Bob is typing…', null, { timeout: 15000 });
  check('typing is shown to the others', (await bob.locator('#typing').innerText()) === '');
  await bob.fill('#text', '');

  await ada.locator('#users button', { hasText: 'Eve' }).click();
  await say(ada, 'a secret for Eve');
  await hears(eve, 'a secret for Eve');
  await hears(ada, 'a secret for Eve');
  await ada.locator('#to').click();
  await say(ada, 'back to all');
  await hears(bob, 'back to all');
  check('a personal message reaches one', (await count(bob, 'a secret')) === 0);
  if (screenshot !== '-') await ada.screenshot({ path: screenshot });

  await bob.close({ runBeforeUnload: true });
  await hears(ada, 'Bob left the chat');
  await hears(eve, 'Bob left the chat');
  const left = await seen(eve, ['Ada', 'Eve (you)']);
  check('a closed tab is missed', left === JSON.stringify(['Ada', 'Eve (you)']), left);

  const late = await enter(browser, urls[1], 'Late', problems);
  await hears(late, 'Hello from Bob');
  const lines = await late.locator('#lines li.message').allInnerTexts();
  check('who comes late reads what was said', lines.length === 4 && lines[0].includes('Hello from Ada'), JSON.stringify(lines));
  const wide = await late.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
  check('it fits a phone', wide);
  check('nothing failed in the pages', problems.length === 0, problems.join('\n#   '));
  await browser.close();
  process.exit(failed);
}

main().catch((error) => { console.log(`not ok - chat: ${error.stack}`); process.exit(1); });
