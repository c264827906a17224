// A walk through MLflow's own web pages, where they are at hand.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Api } from './api.js';
import { startBrowser } from './browser.js';
import { seed } from './seed.js';
import { startServer } from './server.js';

/** The browser's word for a layout that settles in the next frame; charts that fit themselves to their box bring it about. */
const settled = /ResizeObserver loop/;

/** Dialogs that praise what is new, each once for a browser; they come over whatever is being done. */
const greetings = ['Try it now', 'Got it'];

/** Repeats a check until it holds: pages show what was typed before the server has it. */
export async function eventually(check) {
  for (let attempts = 100; ; attempts--) {
    try {
      return await check();
    } catch (error) {
      if (attempts === 0) throw error;
      await setTimeout(100);
    }
  }
}

/**
 * Starts a server with these pages and something to show on them; ends it after the tests of the file.
 * @returns what to call for each step: it opens a page, and fails on console errors, failed calls and calls of other hosts
 */
export async function startWalk() {
  const folder = process.env.MLFLOW_UI_DIR;
  const server = await startServer(...folder ? ['--ui-dir', folder] : []);
  const index = await (await fetch(server.url)).text();
  if (!index.includes('static-files/')) {
    await server.stop();
    return (name) => test(name, { skip: "MLflow's web pages are not here" }, () => {});
  }

  const api = new Api(server.url);
  const [browser, seeded] = await Promise.all([startBrowser(), seed(api)]);
  after(async () => {
    await Promise.all([browser.stop(), server.stop()]);
  });

  /**
   * @param {string} path behind the #; made from what was laid out
   * @param {(page: import('playwright-core').Page, context: { seeded: object, api: Api }) => Promise<void>} act
   * @param {RegExp[]} expected troubles that the step is about
   */
  return (name, path, act, expected = []) => test(name, { timeout: 180_000 }, async (context) => {
    const page = await browser.open();
    for (const greeting of greetings) await page.addLocatorHandler(page.getByRole('button', { name: greeting }), (button) => button.click());
    try {
      await page.goto(`${server.url}/#${path(seeded)}`);
      await act(page, { seeded, api });
      await page.clean([settled, ...expected]);
      assert.deepEqual(browser.outside, []);
    } catch (error) {
      if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/${context.name.replaceAll(/\W+/g, '-')}.png` });
      throw error;
    } finally {
      await page.close();
    }
  });
}
