// An Azure Blob Storage for the tests: azurite. Usage: node azure.js FOLDER; prints the port; ends with its standard input and takes the folder along.
'use strict';

const fs = require('fs');

const [folder] = process.argv.slice(2);
const log = console.log;

process.env.AZURITE_ACCOUNTS = `testaccount:${Buffer.from('test-secret').toString('base64')}`;
process.argv.splice(2, 1, '--blobHost', '127.0.0.1', '--blobPort', '0', '--location', folder, '--silent', '--skipApiVersionCheck', '--disableTelemetry');
console.log = line => {
  const port = /successfully listen(?:s|ing) (?:on|at) http:\/\/127\.0\.0\.1:(\d+)/.exec(line);
  if (port) log(`listening on ${port[1]}`);
};
require('azurite/dist/src/blob/main.js');
process.stdin.resume().on('end', () => {
  fs.rmSync(folder, { recursive: true, force: true });
  process.exit();
});
