// SPDX-License-Identifier: MIT
// usage: node async.js CHROMIUM PORT PREFIX
//
// The AsyncAPI document against the specification's own JSON schema, and its page:
// parameters, messages there and back, a stream of events.
const Ajv = require('ajv');
const schema = require('@asyncapi/specs/schemas/3.0.0-without-$id.json');
const { check, proxy, open, run } = require('./page.js');

const [chromium, port, prefix] = process.argv.slice(2);
const at = prefix ? ` (below ${prefix})` : '';

function complaints(document) {
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
  return validate(document) ? '' : JSON.stringify(validate.errors.slice(0, 3));
}

async function lines(section, kind, n) {
  await section.locator(`li[data-kind="${kind}"]`).nth(n - 1).waitFor();
  return section.locator(`li[data-kind="${kind}"]`).allInnerTexts();
}

async function rooms(page) {
  const section = page.locator('section#room');
  await section.locator('input[name="room"]').fill('7');
  await section.getByRole('button', { name: 'Connect' }).click();
  await lines(section, 'open', 1);
  const message = section.locator('textarea');
  const offered = JSON.parse(await message.inputValue());
  check(`a message is offered that fits${at}`, offered.kind === 'say' && 'text' in offered, JSON.stringify(offered));
  await section.getByRole('button', { name: 'Send' }).click();
  await message.fill('{"kind":"move","x":1,"y":2}');
  await section.getByRole('button', { name: 'Send' }).click();
  await message.fill('{"kind":"shout"}');
  await section.getByRole('button', { name: 'Send' }).click();
  const got = await lines(section, '<', 3);
  check(`typed messages are answered${at}`, got[0].includes('"room":7') && got[1].includes('moved'), got.join(' '));
  check(`what does not fit is told${at}`, got[2].includes('union_tag_invalid'), got[2]);
  await section.getByRole('button', { name: 'Close' }).click();
  const end = await lines(section, 'closed', 1);
  check(`the connection ends${at}`, end[0].includes('1005') || end[0].includes('1000'), end[0]);
}

async function echo(page) {
  const section = page.locator('section#echo');
  await section.locator('input[name="room"]').fill('1');
  await section.locator('input[name="name"]').fill('Ada & Co');
  await section.getByRole('button', { name: 'Connect' }).click();
  await lines(section, 'open', 1);
  await section.locator('textarea').fill('<b>hello</b>');
  await section.getByRole('button', { name: 'Send' }).click();
  const got = await lines(section, '<', 1);
  check(`parameters of the query arrive${at}`, got[0].includes('Ada & Co: <b>hello</b>'), got[0]);
}

async function events(page) {
  const section = page.locator('section#news');
  await section.locator('input[name="room"]').fill('3');
  await section.getByRole('button', { name: 'Connect' }).click();
  const got = await lines(section, '<', 3);
  check(`a stream of events is heard${at}`, got.length === 3 && got[2].includes('"room":3'), got.join(' '));
}

run(chromium, async (browser) => {
  const front = prefix ? await proxy(port, prefix) : null;
  const host = `127.0.0.1:${front ? front.address().port : port}`;
  const base = `http://${host}${prefix}`;
  const document = await (await fetch(base + '/asyncapi.json')).json();
  const wrong = complaints(document);
  check(`the document is AsyncAPI 3.0.0${at}`, wrong === '', wrong);
  check(`a document without channels' addresses as texts would not be${at}`,
    complaints({ ...document, channels: { a: { address: 1 } } }) !== '');
  const names = Object.keys(document.channels).join(' ');
  check(`it has the routes that are not hidden${at}`, names === 'room echo news', names);
  const { receive, send } = { receive: document.operations.room_receive, send: document.operations.news_send };
  check(`it says who speaks${at}`, receive.action === 'receive' && send.action === 'send');

  const { page, problems } = await open(browser, [base, `ws://${host}`]);
  await page.goto(base + '/asyncdocs');
  await page.waitForSelector('section');
  check(`/asyncdocs has the title${at}`, (await page.title()) === 'Rooms <&> - AsyncAPI', await page.title());
  await rooms(page);
  await echo(page);
  await events(page);
  check(`nothing failed and nothing came from elsewhere${at}`, problems.length === 0, problems.join('\n#   '));
  if (front) front.close();
});
