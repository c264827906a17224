// A ModelRegistry server of a test's own: free port, new database and artifact folder, no webhooks sent.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const build = '../../../src/ModelRegistry.Server/bin/Release/net10.0/ModelRegistry.Server.dll';

/** @param {...string} more further flags of `serve` */
export async function startServer(...more) {
  const folder = await mkdtemp(path.join(tmpdir(), 'modelregistry-browser-'));
  const child = spawn('dotnet', [
    fileURLToPath(new URL(build, import.meta.url)), 'serve', '--host', '127.0.0.1', '--port', '0', '--no-webhook-delivery',
    '--backend-store-uri', `sqlite:///${folder}/mlflow.db`, '--artifacts-destination', `${folder}/artifacts`, ...more,
  ], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const output = [];
  child.stderr.on('data', (text) => output.push(text));
  try {
    return { url: await addressOf(child, output), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function addressOf(child, output) {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      output.push(`${line}\n`);
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line);
      if (found) resolve(found[0]);
    });
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`The server ended with code ${code}:\n${output.join('')}`)));
  });
}
