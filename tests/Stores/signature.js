// Verifies version 4 of Amazon's signatures, in the header or in the address of a request.
'use strict';

const crypto = require('crypto');
const S3Error = require('s3rver/lib/models/error');

const ID = 'test-key';
const SECRET = 'test-secret';

const sha256 = text => crypto.createHash('sha256').update(text).digest('hex');
const hmac = (key, text) => crypto.createHmac('sha256', key).update(text).digest();

function verify(ctx) {
  const [path, search = ''] = ctx.req.url.split('?');
  const query = new URLSearchParams(search);
  const isSignedAddress = query.has('X-Amz-Signature');
  const header = ctx.headers.authorization;
  if (!header && !isSignedAddress) throw new S3Error('AccessDenied', 'Access Denied');
  const { Credential: credential, SignedHeaders: names, Signature: signature } = isSignedAddress
    ? { Credential: query.get('X-Amz-Credential'), SignedHeaders: query.get('X-Amz-SignedHeaders'), Signature: query.get('X-Amz-Signature') }
    : Object.fromEntries(header.replace(/^\S+ /, '').split(/, ?/).map(field => field.split(/=(.*)/s)));
  const date = isSignedAddress ? query.get('X-Amz-Date') : ctx.headers['x-amz-date'];
  const [id, ...scope] = credential.split('/');
  if (id !== ID) throw new S3Error('InvalidAccessKeyId', 'The AWS access key Id you provided does not exist in our records.');
  if (isSignedAddress && Date.now() > time(date) + 1000 * query.get('X-Amz-Expires')) throw new S3Error('AccessDenied', 'Request has expired');
  requireSigned(ctx.headers, names.split(';'));

  const request = [
    ctx.method,
    path,
    search.split('&').filter(pair => pair && !pair.startsWith('X-Amz-Signature=')).map(pair => (pair.includes('=') ? pair : `${pair}=`)).sort().join('&'),
    ...names.split(';').map(name => `${name}:${(ctx.headers[name] || '').trim()}`),
    '',
    names,
    ctx.headers['x-amz-content-sha256'] || 'UNSIGNED-PAYLOAD',
  ].join('\n');
  const key = scope.reduce((secret, part) => hmac(secret, part), `AWS4${SECRET}`);
  const expected = hmac(key, ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(request)].join('\n')).toString('hex');
  if (expected !== signature) throw new S3Error('SignatureDoesNotMatch', 'The request signature we calculated does not match the signature you provided.');
}

function requireSigned(headers, names) {
  const missing = Object.keys(headers).filter(name => name.startsWith('x-amz-') && !names.includes(name));
  if (missing.length) throw new S3Error('AccessDenied', `There were headers present in the request which were not signed: ${missing}`);
}

const time = date => Date.parse(date.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));

module.exports = Object.assign(verify, { ID, SECRET });
