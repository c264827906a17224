// What a browser sees of a server without web pages.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBrowser } from './support/browser.js';
import { startServer } from './support/server.js';

let server, browser;
before(async () => [server, browser] = await Promise.all([startServer('--ui-dir', 'none'), startBrowser()]));
after(() => Promise.all([server?.stop(), browser?.stop()]));

test('the small page says what the server is and how to get the web pages', async () => {
  const page = await browser.open();

  await page.goto(server.url);

  assert.equal(await page.title(), 'ModelRegistry');
  assert.match(await page.locator('body').innerText(), /MLFLOW_TRACKING_URI[\s\S]*--ui-dir/);
  await page.clean([/404 GET \/favicon\.ico/]);
  assert.deepEqual(browser.outside, []);
});

test('a page that is not there is told in HTML', async () => {
  const page = await browser.open();

  const answer = await page.goto(`${server.url}/experiments/1`);

  assert.equal(answer.status(), 404);
  assert.match(answer.headers()['content-type'], /text\/html/);
});
