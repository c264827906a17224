// An S3 server for the tests: s3rver speaks the protocol, and what it leaves out is added here. Signatures are verified; objects appear whole or
// not at all and keep their content for who reads them; keys are listed in order; If-Match, digests and the rules for parts hold; uploads in parts
// are aborted and listed. Usage: node s3.js FOLDER, whose
// folders are the buckets; prints the port; ends with its standard input and takes the folder along.
'use strict';

const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { createCipheriv, createDecipheriv } = crypto;

// The tokens of its listings are made with DES, which OpenSSL no longer has; they need not be secret here.
const plain = { update: data => Buffer.from(data), final: () => Buffer.alloc(0) };
crypto.createCipheriv = (name, ...rest) => (name === 'des' ? plain : createCipheriv(name, ...rest));
crypto.createDecipheriv = (name, ...rest) => (name === 'des' ? plain : createDecipheriv(name, ...rest));

const S3rver = require('s3rver');
const FilesystemStore = require('s3rver/lib/stores/filesystem');
const S3Error = require('s3rver/lib/models/error');
const S3Object = require('s3rver/lib/models/object');
const { DUMMY_ACCOUNT } = require('s3rver/lib/models/account');
const verify = require('./signature');

const [folder] = process.argv.slice(2);
const SUFFIX = '._S3rver_object';
const MIN_PART = 5 << 20;
const completions = new Map();

const noSuchUpload = () => new S3Error('NoSuchUpload', 'The upload does not exist.');
const order = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const escape = text => text.replace(/[&<>'"]/g, c => `&#${c.charCodeAt(0)};`);

class Store extends FilesystemStore {
  uploadsOf(name) {
    return this.getResourcePath(name, undefined, 'uploads');
  }

  async getMetadata(name, key) {
    const file = this.getResourcePath(name, key, 'object');
    const stat = fs.statSync(file);
    const kept = JSON.parse(fs.readFileSync(this.getResourcePath(name, key, 'metadata.json'), 'utf8'));
    return { ...kept, 'last-modified': stat.mtime.toUTCString(), 'content-length': stat.size };
  }

  async getObject(name, key, options = {}) {
    const file = this.getResourcePath(name, key, 'object');
    if (!fs.existsSync(file)) return null;
    // No pause between these lines: the description and the content are of the same moment.
    const metadata = this.getMetadata(name, key);
    const fd = fs.openSync(file);
    const { size } = fs.fstatSync(fd);
    const range = { start: options.start || 0, end: Math.min(options.end ?? Infinity, Math.max(0, size - 1)) };
    const isInside = range.start <= range.end;
    if (!isInside) fs.closeSync(fd);
    const object = new S3Object(name, key, isInside ? fs.createReadStream(null, { fd, ...range }) : null, await metadata);
    if (options.start !== undefined) object.range = range;
    return object;
  }

  async putObject(object) {
    const partial = path.join(this.rootDirectory, `.${crypto.randomBytes(8).toString('hex')}`);
    const { size, md5 } = await receive(object.content, object.headers || object.content.headers, partial);
    const etag = JSON.stringify(object.tag || md5);
    const target = this.getResourcePath(object.bucket, object.key, 'object');
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(this.getResourcePath(object.bucket, object.key, 'metadata.json'), JSON.stringify({ ...object.metadata, etag }));
    fs.renameSync(partial, target);
    return { size, md5: object.tag || md5 };
  }

  async deleteObject(name, key) {
    fs.rmSync(this.getResourcePath(name, key, 'object'), { force: true });
    fs.rmSync(this.getResourcePath(name, key, 'metadata.json'), { force: true });
  }

  async putPart(name, uploadId, number, content) {
    const part = path.join(this.uploadsOf(name), uploadId, `${number}`);
    if (!fs.existsSync(path.dirname(part))) throw noSuchUpload();
    const partial = `${part}.${crypto.randomBytes(8).toString('hex')}`;
    const received = await receive(content, content.headers, partial);
    fs.renameSync(partial, part);
    fs.writeFileSync(`${part}.md5`, received.md5);
    return received;
  }

  async putObjectMultipart(name, uploadId, parts) {
    const upload = path.join(this.uploadsOf(name), uploadId);
    if (!fs.existsSync(upload)) throw noSuchUpload();
    const digest = crypto.createHash('md5');
    const files = parts.map((part, index) => {
      const file = path.join(upload, `${part.number}`);
      if (index && part.number <= parts[index - 1].number) throw new S3Error('InvalidPartOrder', 'The parts are not in order.');
      if (!fs.existsSync(file) || fs.readFileSync(`${file}.md5`, 'utf8') !== part.etag) throw new S3Error('InvalidPart', `Part ${part.number} was not found.`);
      if (index < parts.length - 1 && fs.statSync(file).size < MIN_PART) throw new S3Error('EntityTooSmall', `Part ${part.number} is too small.`);
      digest.update(Buffer.from(part.etag, 'hex'));
      return file;
    });
    async function* content() {
      for (const file of files) yield* fs.createReadStream(file);
    }
    const headers = completions.get(uploadId) || {};
    const checksum = headers['x-amz-checksum-crc32c'];
    const kept = JSON.parse(fs.readFileSync(path.join(upload, 'metadata'), 'utf8'));
    if (checksum) Object.assign(kept, { 'x-amz-checksum-crc32c': checksum, 'x-amz-checksum-type': headers['x-amz-checksum-type'] });
    const object = new S3Object(name, fs.readFileSync(path.join(upload, 'key'), 'utf8'), content(), kept);
    object.headers = checksum ? { 'x-amz-checksum-crc32c': checksum } : {};
    object.tag = `${digest.digest('hex')}-${parts.length}`;
    const result = await this.putObject(object);
    fs.rmSync(upload, { recursive: true });
    return result;
  }

  async listObjects(name, { delimiter = '', startAfter = '', prefix = '', maxKeys = 1000 }) {
    const [objects, prefixes] = [[], new Set()];
    for (const key of keysBelow(path.join(this.rootDirectory, name), '').sort(order)) {
      if (!key.startsWith(prefix) || order(key, startAfter) <= 0) continue;
      const end = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
      if (end >= 0 && prefixes.has(key.slice(0, end + 1))) continue;
      if (objects.length === maxKeys) return { objects, commonPrefixes: [...prefixes], isTruncated: true };
      if (end >= 0) prefixes.add(key.slice(0, end + 1));
      else objects.push(new S3Object(name, key, null, await this.getMetadata(name, key)));
    }
    return { objects, commonPrefixes: [...prefixes], isTruncated: false };
  }
}

function keysBelow(directory, prefix) {
  return fs.readdirSync(directory, { withFileTypes: true }).flatMap(entry => {
    if (entry.name.startsWith('._S3rver')) return [];
    if (entry.isDirectory()) return keysBelow(path.join(directory, entry.name), `${prefix}${entry.name}/`);
    return entry.name.endsWith(SUFFIX) ? [prefix + entry.name.slice(0, -SUFFIX.length)] : [];
  });
}

/** Takes a body into a file and compares it with what its headers say of it. */
async function receive(content, headers, file) {
  const digests = { md5: crypto.createHash('md5'), sha256: crypto.createHash('sha256') };
  const out = fs.openSync(file, 'w');
  let [size, crc] = [0, -1];
  try {
    for await (const chunk of content) {
      digests.md5.update(chunk);
      if (/^[0-9a-f]{64}$/.test(headers['x-amz-content-sha256'])) digests.sha256.update(chunk);
      if (headers['x-amz-checksum-crc32c']) crc = crc32c(chunk, crc);
      fs.writeSync(out, chunk);
      size += chunk.length;
    }
    const length = headers['content-length'];
    if (length !== undefined && size !== Number(length)) throw new S3Error('IncompleteBody', 'The connection broke.');
    const md5 = digests.md5.digest();
    const sum = Buffer.alloc(4);
    sum.writeInt32BE(~crc);
    const expected = [
      [headers['content-md5'], md5.toString('base64')],
      [/^[0-9a-f]{64}$/.test(headers['x-amz-content-sha256']) ? headers['x-amz-content-sha256'] : '', digests.sha256.digest('hex')],
      [headers['x-amz-checksum-crc32c'], sum.toString('base64')],
    ];
    if (expected.some(([said, found]) => said && said !== found)) throw new S3Error('BadDigest', 'The content does not match its digest.');
    return { size, md5: md5.toString('hex') };
  } catch (e) {
    fs.rmSync(file, { force: true });
    throw e;
  } finally {
    fs.closeSync(out);
  }
}

const TABLE = Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0x82f63b78 : n >>> 1;
  return n;
});

function crc32c(bytes, crc) {
  for (const b of bytes) crc = TABLE[(crc ^ b) & 255] ^ (crc >>> 8);
  return crc;
}

/** Goes before s3rver's own routes. */
async function extend(ctx, next) {
  verify(ctx);
  const url = new URL(ctx.req.url, 'http://host');
  const [, name, ...names] = url.pathname.split('/').map(decodeURIComponent);
  const [key, uploadId, uploads] = [names.join('/'), url.searchParams.get('uploadId'), store.uploadsOf(name)];
  if (uploadId) completions.set(uploadId, ctx.headers);
  if (ctx.method === 'DELETE' && uploadId) {
    if (!fs.existsSync(path.join(uploads, uploadId))) throw noSuchUpload();
    fs.rmSync(path.join(uploads, uploadId), { recursive: true });
    ctx.status = 204;
    return;
  }
  if (ctx.method === 'GET' && !key && url.searchParams.has('uploads')) {
    ctx.type = 'application/xml';
    ctx.body = listUploads(name, uploads, url.searchParams.get('prefix') || '');
    return;
  }
  if (ctx.headers['if-match'] && fs.existsSync(store.getResourcePath(name, key, 'object'))) {
    const { etag } = await store.getMetadata(name, key);
    if (etag !== ctx.headers['if-match']) throw new S3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold.');
  }
  await next();
}

function listUploads(name, uploads, prefix) {
  const items = (fs.existsSync(uploads) ? fs.readdirSync(uploads) : [])
    .map(id => ({ id, file: path.join(uploads, id, 'key') }))
    .map(({ id, file }) => ({ id, key: fs.readFileSync(file, 'utf8'), time: fs.statSync(file).mtime.toISOString() }))
    .filter(({ key }) => key.startsWith(prefix))
    .map(({ id, key, time }) => `<Upload><Key>${escape(key)}</Key><UploadId>${id}</UploadId><Initiated>${time}</Initiated></Upload>`);
  return `<?xml version="1.0" encoding="UTF-8"?><ListMultipartUploadsResult><Bucket>${name}</Bucket><IsTruncated>false</IsTruncated>${items.join('')}</ListMultipartUploadsResult>`;
}

S3Object.ALLOWED_METADATA.push('x-amz-checksum-crc32c', 'x-amz-checksum-type', 'x-amz-server-side-encryption', 'x-amz-acl');
DUMMY_ACCOUNT.createKeyPair(verify.ID, verify.SECRET);
const store = new Store(folder);
const server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory: folder });
server.store = server.context.store = store;
server.middleware.splice(1, 0, extend);
server.run().then(({ port }) => console.log(`listening on ${port}`));
process.stdin.resume().on('end', () => {
  fs.rmSync(folder, { recursive: true, force: true });
  process.exit();
});
