import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { decoded, MAX_ANSWER_BYTES } from './decode.ts';

const TEXT = Buffer.from('{"id":"msg-1"}');
const BOMB = Buffer.alloc(4 * 1024 * 1024);
const NOTHING = { body: Buffer.alloc(0), cut: true };

it.each<[string | undefined, Buffer]>([
  [undefined, TEXT],
  ['identity', TEXT],
  ['gzip', gzipSync(TEXT)],
  ['X-GZIP', gzipSync(TEXT)],
  ['deflate', deflateSync(TEXT)],
  ['deflate', deflateRawSync(TEXT)],
  ['br', brotliCompressSync(TEXT)],
  ['deflate, gzip', gzipSync(deflateSync(TEXT))],
])('reads what comes as %s', (encoding, body) => {
  expect(decoded({ body, cut: false }, encoding)).toEqual({ body: TEXT, cut: false });
});

it('reads as much as it may, and not a byte more', () => {
  const most = Buffer.alloc(MAX_ANSWER_BYTES, 'x');
  expect(decoded({ body: gzipSync(most), cut: false }, 'gzip')).toEqual({ body: most, cut: false });
  expect(decoded({ body: gzipSync(Buffer.alloc(MAX_ANSWER_BYTES + 1, 'x')), cut: false }, 'gzip')).toEqual(NOTHING);
});

it.each<[string, Buffer]>([
  ['gzip', gzipSync(BOMB)],
  ['deflate', deflateSync(BOMB)],
  ['deflate', deflateRawSync(BOMB)],
  ['br', brotliCompressSync(BOMB)],
  ['gzip, gzip', gzipSync(gzipSync(BOMB))],
  ['gzip, gzip, gzip, gzip', gzipSync(gzipSync(gzipSync(gzipSync(TEXT))))],
  ['zstd', TEXT],
  ['gzip', TEXT],
  ['gzip', gzipSync(TEXT).subarray(0, 20)],
])('counts %s that is too much, broken or unknown as cut', (encoding, body) => {
  const { body: rest, cut } = decoded({ body, cut: false }, encoding);
  // Not compared as a whole: a difference of megabytes takes minutes to print.
  expect({ length: rest.length, cut }).toEqual({ length: 0, cut: true });
});

it('never calls whole what was cut', () => {
  expect(decoded({ body: gzipSync(TEXT), cut: true }, 'gzip')).toEqual({ body: TEXT, cut: true });
});
