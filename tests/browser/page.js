// SPDX-License-Identifier: MIT
//
// What the scripts beside this one share: a browser whose page tells of all that
// went wrong, a reverse proxy that serves under a prefix, and the verdicts.
const http = require('node:http');
const net = require('node:net');
const { chromium } = require('playwright-core');

let failed = 0;

function check(name, passed, detail = '') {
  console.log(`${passed ? 'ok' : 'not ok'} - browser: ${name}${passed ? '' : '\n#   ' + detail}`);
  if (!passed) failed = 1;
}

// Strips the prefix, as proxies do; `headers` are added to every answer.
function proxy(port, prefix, headers = {}) {
  return new Promise((resolve) => {
    const server = http.createServer((req, res) => {
      if (!req.url.startsWith(prefix + '/')) {
        res.writeHead(404).end('outside the prefix');
        return;
      }
      const options = { port, path: req.url.slice(prefix.length), method: req.method, headers: req.headers };
      const forward = http.request(options, (answer) => {
        const all = { ...answer.headers };
        for (const [name, value] of Object.entries(headers)) all[name] = [].concat(all[name] || [], value);
        res.writeHead(answer.statusCode, all);
        answer.pipe(res);
      });
      req.pipe(forward);
    });
    server.on('upgrade', (req, socket, head) => {
      const behind = net.connect(port, '127.0.0.1', () => {
        const fields = req.rawHeaders.map((text, i) => text + (i % 2 ? '\r\n' : ': ')).join('');
        behind.write(`GET ${req.url.slice(prefix.length)} HTTP/1.1\r\n${fields}\r\n`);
        behind.write(head);
        behind.pipe(socket).pipe(behind);
      });
      for (const end of [behind, socket]) end.on('error', () => { behind.destroy(); socket.destroy(); });
    });
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

// A page and what it did wrong: errors, failures, requests to others than those of `origins`.
async function open(browser, origins) {
  const page = await browser.newPage({ viewport: { width: 1200, height: 1400 } });
  const problems = [];
  page.on('console', (m) => m.type() === 'error' && problems.push(m.text()));
  page.on('pageerror', (e) => problems.push(String(e)));
  page.on('request', (r) => {
    const url = r.url();
    if (!origins.some((o) => url.startsWith(o)) && !/^(data|blob):/.test(url)) problems.push('foreign request: ' + url);
  });
  page.on('response', (r) => r.status() >= 400 && problems.push(`${r.status()} ${r.url()}`));
  return { page, problems };
}

// Runs `script(browser)` and ends the process with its verdict.
async function run(executablePath, script) {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'];
  try {
    const browser = await chromium.launch({ executablePath, args });
    await script(browser);
    await browser.close();
  } catch (error) {
    check('the script comes to its end', false, error.message);
  }
  process.exit(failed);
}

module.exports = { check, proxy, open, run };
