// SPDX-License-Identifier: MIT
// usage: node login.js CHROMIUM PASSWORD_PORT PREFIX | node login.js CHROMIUM CODE_PORT - PROVIDER_PORT
//
// The Authorize button: OAuth2's password flow of the tutorial (security.tutorial003)
// below a prefix, and the authorization code flow with an identity provider of
// another origin, whose window comes back to the page's own oauth2-redirect.
const http = require('node:http');
const { check, proxy, open, run } = require('./page.js');

const [chromium, port, prefix, providerPort] = process.argv.slice(2);

async function execute(page, path) {
  const block = page.locator('.opblock', { hasText: path }).first();
  await block.locator('.opblock-summary').click();
  await block.getByRole('button', { name: 'Try it out' }).click();
  await block.getByRole('button', { name: 'Execute' }).click();
  const row = block.locator('.live-responses-table tbody tr.response').first();
  await row.waitFor();
  return (await row.innerText()).replace(/\s+/g, ' ');
}

async function byPassword(browser) {
  const front = await proxy(port, prefix, { 'content-security-policy': "script-src 'self'; object-src 'none'" });
  const base = `http://127.0.0.1:${front.address().port}${prefix}`;
  const { page, problems } = await open(browser, [base]);
  await page.goto(base + '/docs');
  await page.locator('.auth-wrapper .authorize').first().click();
  await page.locator('#oauth_username').fill('johndoe');
  await page.locator('#oauth_password').fill('secret');
  await page.locator('.modal-ux .auth-btn-wrapper .authorize').click();
  await page.locator('.modal-ux button', { hasText: 'Logout' }).waitFor();
  await page.locator('.modal-ux .btn-done').click();
  const answer = await execute(page, '/users/me');
  check('Authorize by password, then /users/me knows who it is', /^200 /.test(answer) && answer.includes('johndoe@example.com'), answer);
  check('nothing failed on the way', problems.length === 0, problems.join('\n#   '));
  front.close();
}

// Asks nobody and gives a token for the code it gave.
function provider(tokens) {
  return http.createServer((req, res) => {
    const url = new URL(req.url, 'http://provider');
    res.setHeader('access-control-allow-origin', '*');
    res.setHeader('access-control-allow-headers', '*');
    if (url.pathname === '/authorize') {
      const back = new URL(url.searchParams.get('redirect_uri'));
      back.search = new URLSearchParams({ code: 'the-code', state: url.searchParams.get('state') });
      res.writeHead(302, { location: String(back) }).end();
      return;
    }
    let body = '';
    req.on('data', (piece) => { body += piece; });
    req.on('end', () => {
      const code = new URLSearchParams(body).get('code');
      if (req.method === 'POST') tokens.push(code);
      res.writeHead(200, { 'content-type': 'application/json' });
      res.end(JSON.stringify({ access_token: `token of ${code}`, token_type: 'bearer' }));
    });
  }).listen(Number(providerPort), '127.0.0.1');
}

async function byCode(browser) {
  const tokens = [];
  const server = provider(tokens);
  const base = `http://127.0.0.1:${port}`;
  const { page, problems } = await open(browser, [base, `http://127.0.0.1:${providerPort}`]);
  await page.goto(base + '/docs');
  await page.locator('.auth-wrapper .authorize').first().click();
  await page.locator('#client_id_authorizationCode').fill('the-client');
  const popup = page.waitForEvent('popup');
  await page.locator('.modal-ux .auth-btn-wrapper .authorize').click();
  await popup;
  await page.locator('.modal-ux button', { hasText: 'Logout' }).waitFor();
  await page.locator('.modal-ux .btn-done').click();
  check('Authorize by code: the window came back and the code became a token', tokens.join() === 'the-code', tokens.join());
  const answer = await execute(page, '/me');
  check('the token is sent with a request', /^200 /.test(answer) && answer.includes('token of the-code'), answer);
  check('nothing failed and nobody else was asked', problems.length === 0, problems.join('\n#   '));
  server.close();
}

run(chromium, prefix === '-' ? byCode : byPassword);
