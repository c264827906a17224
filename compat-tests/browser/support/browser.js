// Headless Chromium that reaches nothing but this machine, and pages that remember what went wrong on them.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { chromium } from 'playwright-core';

// No name but those of this machine has an address. (Interception by playwright would switch the browser's cache off.)
const flags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost',
];

export async function startBrowser() {
  const profile = await mkdtemp(path.join(tmpdir(), 'modelregistry-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: flags, serviceWorkers: 'block', viewport: { width: 1400, height: 1000 },
  });
  const outside = [];
  context.on('request', (request) => {
    if (!isHere(new URL(request.url()))) outside.push(request.url());
  });
  return {
    /** Addresses on other hosts that pages asked for. */
    outside,
    async open() {
      return watch(await context.newPage());
    },
    async stop() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

const isHere = (url) => ['127.0.0.1', 'localhost'].includes(url.hostname) || ['data:', 'blob:', 'about:'].includes(url.protocol);

/** Adds to a page the list of its troubles, and `clean`, which waits for the last calls and expects no trouble but what is known. */
function watch(page) {
  const troubles = [];
  const pending = new Set();
  page.on('request', (request) => ['fetch', 'xhr'].includes(request.resourceType()) && pending.add(request));
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => pending.delete(request));
  page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // The browser's own line about a failed call says less than the answer does.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) troubles.push(`console: ${message.text()}`);
  });
  page.on('response', (answer) => {
    const url = new URL(answer.url());
    if (answer.status() >= 400) troubles.push(`${answer.status()} ${answer.request().method()} ${url.pathname}${url.search}`);
  });
  page.on('requestfailed', (request) => {
    // A page that is left cancels what it still waits for.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') troubles.push(`failed: ${request.url()} ${request.failure()?.errorText}`);
  });
  /** @param {RegExp[]} expected what this step brings about by design */
  page.clean = async (expected = []) => {
    for (let quiet = 0, left = 100; quiet < 3 && left > 0; left--) {
      await setTimeout(100);
      quiet = pending.size > 0 ? 0 : quiet + 1;
    }

    const found = troubles.splice(0).filter((trouble) => !expected.some((pattern) => pattern.test(trouble)));
    assert.deepEqual(found, []);
  };
  return page;
}
