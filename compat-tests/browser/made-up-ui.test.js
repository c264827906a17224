// Web pages served and called from a real browser; they are made up, so that this runs wherever MLflow's own are not at hand.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Api } from './support/api.js';
import { startBrowser } from './support/browser.js';
import { seed } from './support/seed.js';
import { startServer } from './support/server.js';
import { changingCalls, readingCalls } from './support/ui-calls.js';

let server, browser, seeded;
before(async () => {
  const pages = fileURLToPath(new URL('made-up-ui', import.meta.url));
  [server, browser] = await Promise.all([startServer('--ui-dir', pages), startBrowser()]);
  seeded = await seed(new Api(server.url));
});
after(() => Promise.all([server?.stop(), browser?.stop()]));

async function open(path = '/') {
  const page = await browser.open();
  await page.goto(server.url + path);
  return page;
}

const linesOf = async (page, hash) => {
  await page.waitForSelector(`#root[data-page="${hash}"]`);
  return page.locator('#root p').allInnerTexts();
};

test('the page comes with its styles and scripts', async () => {
  const page = await open();

  await page.getByText('home').waitFor();

  assert.equal(await page.locator('#root').evaluate((root) => getComputedStyle(root).color), 'rgb(1, 2, 3)');
  await page.clean([/404 GET \/favicon\.ico/]);
});

test('files are kept by the browser and the page is asked for anew', async () => {
  const page = await open();
  const again = [];
  page.on('response', (answer) => again.push(answer));

  await page.goto(server.url);

  const [index, script] = ['/', '/static-files/static/js/main.0a1b.js'].map((path) => again.find((answer) => new URL(answer.url()).pathname === path));
  assert.equal((await index.headerValue('cache-control')), 'no-cache');
  assert.equal((await script.headerValue('cache-control')), 'public, max-age=2419200');
  assert.equal((await script.headerValue('x-content-type-options')), 'nosniff');
  const transferred = await page.evaluate(() => performance.getEntriesByType('resource').find((entry) => entry.name.endsWith('main.0a1b.js')).transferSize);
  assert.equal(transferred, 0, 'the script should come from the cache of the browser');
});

test('addresses that lack the # lead to the page that they mean', async () => {
  const page = await open('/experiments');

  assert.equal(page.url(), `${server.url}/#/experiments`);
  assert.ok((await linesOf(page, '#/experiments')).includes('fraud-detection'));
  await page.clean([/404 GET \/favicon\.ico/]);
});

test('a run is shown from GraphQL, its artifacts and its model versions', async () => {
  const hash = `#/experiments/${seeded.experiment}/runs/${seeded.runs[0]}`;
  const page = await open(`/${hash}`);

  const lines = await linesOf(page, hash);

  for (const line of ['first-run', 'FINISHED', 'fraud-detection', 'accuracy=0.7', 'fraud-model v1', 'notes.txt', 'some notes'])
    assert.ok(lines.includes(line), `${line} is not among ${lines.join(' | ')}`);
  await page.clean();
});

test('a registered model is shown with its versions', async () => {
  const page = await open('/#/models/fraud-model');

  assert.deepEqual(await linesOf(page, '#/models/fraud-model'), ['Finds fraud', 'v2 None', 'v1 None champion']);
  await page.clean();
});

test('a worker may ask too', async () => {
  const page = await open();

  const answer = await page.evaluate(() => new Promise((resolve, reject) => {
    const worker = new Worker('static-files/static/js/worker.0a1b.worker.js');
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage('/ajax-api/3.0/mlflow/ui-telemetry');
  }));

  assert.equal(answer.disable_ui_telemetry, true);
  await page.clean();
});

test('errors reach the page with code and message', async () => {
  const page = await open();

  const message = await page.evaluate(() => window.call('GET', 'ajax-api/2.0/mlflow/registered-models/get?name=none').catch((error) => error.message));

  assert.match(message, /404 .*"error_code": ?"RESOURCE_DOES_NOT_EXIST".*Registered Model with name=none not found/);
  await page.clean([/404 GET .*name=none/]);
});

test('the schema of GraphQL is told to tools', async () => {
  const page = await open();

  const { data } = await page.evaluate(() => window.call('POST', 'graphql', { query: '{ __schema { queryType { fields { name } } } }' }));

  assert.ok(data.__schema.queryType.fields.some((field) => field.name === 'mlflowGetRun'));
});

test('pages of other origins can neither write nor read', async () => {
  const page = await open();
  // A sandboxed frame has an origin of its own; pages from other ports of this machine would be let in, as MLflow does.
  const attempt = (path, options) => page.evaluate(([url, how]) => new Promise((resolve) => {
    addEventListener('message', ({ data }) => resolve(data), { once: true });
    const script = `fetch(${JSON.stringify(url)}, ${JSON.stringify(how)})
      .then((answer) => answer.text()).then((text) => parent.postMessage('read ' + text, '*'), () => parent.postMessage('blocked', '*'))`;
    document.body.append(Object.assign(document.createElement('iframe'), { sandbox: 'allow-scripts', srcdoc: `<script>${script}</script>` }));
  }), [`${server.url}/ajax-api/2.0/mlflow/experiments/${path}`, options]);

  assert.equal(await attempt('create', { method: 'POST', body: '{"name":"from elsewhere"}' }), 'blocked');
  assert.equal(await attempt('search?max_results=1', { method: 'GET' }), 'blocked');
  await assert.rejects(new Api(server.url).get('experiments/get-by-name?experiment_name=from+elsewhere'), /RESOURCE_DOES_NOT_EXIST/);
});

test('every call of the pages is answered as they need it', async () => {
  const page = await open();

  for (const { method, path, body, check } of [...readingCalls(seeded), ...changingCalls(seeded)]) {
    const answer = await page.evaluate((call) => window.call(...call), [method, path, body]);
    try {
      check?.(answer);
    } catch (error) {
      throw new Error(`${method} ${path} ${JSON.stringify(body)} answered ${JSON.stringify(answer)}`, { cause: error });
    }
  }

  await page.clean();
});

test('nothing was asked of other hosts', () => assert.deepEqual(browser.outside, []));
