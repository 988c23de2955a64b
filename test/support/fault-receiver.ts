import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { Outcome } from '../../src/model/outcome.ts';
import type { Behaviour } from './loopback-receiver.ts';

type Kind = Outcome['kind'];

/** Something that a receiver does to its senders, and what an honest sender says then. */
export interface Fault {
  name: string;
  /** Null: nobody listens. */
  behaviour: Behaviour | null;
  /** It never ends by itself; the time limit ends it, once the receiver has seen this much. */
  endsAfter?: 'connection' | 'request';
  /** For everybody; or for those to whom any 2xx is proof, and for those who want to read it in the body. */
  becomes: Kind[] | { trusting: Kind[]; reading: Kind[] };
  /** What the outcome's text holds. */
  says?: RegExp;
  retryAfter_ms?: number;
}

/** One second after the attempt's `now`, and so on: see `attemptFor`. */
const IN_30_S = 'Sun, 22 Nov 2026 03:00:31 GMT';
const JSON_TYPE = { 'content-type': 'application/json' };
/** 8 MiB of nothing, in some 8 KiB. */
const BOMB = Buffer.alloc(8 * 1024 * 1024);

const compressed = (encoding: string, body: Buffer): Behaviour => ({
  raw: Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: ${encoding}\r\ncontent-length: ${body.length}\r\n\r\n`),
    body,
  ]),
});

const UNPROVED = { trusting: ['proved'], reading: ['ambiguous'] } satisfies Fault['becomes'];

export const FAULTS: Fault[] = [
  { name: 'refuses', behaviour: null, becomes: ['retryable'], says: /connection refused/ },
  { name: 'hangs before reading', behaviour: 'hang before reading', endsAfter: 'connection', becomes: ['ambiguous'], says: /time limit/ },
  { name: 'hangs after reading', behaviour: 'hang after reading', endsAfter: 'request', becomes: ['ambiguous'], says: /time limit/ },
  { name: 'hangs in the answer', behaviour: 'hang in answer', endsAfter: 'request', becomes: ['ambiguous'], says: /time limit/ },
  { name: 'drips slowly', behaviour: 'slow drip', endsAfter: 'request', becomes: ['ambiguous'], says: /time limit/ },
  { name: 'answers half', behaviour: 'half answer', becomes: ['ambiguous'], says: /broke off/ },
  // Where the reset is seen before the connection is, nothing can have been sent.
  { name: 'resets after accept', behaviour: 'reset after accept', becomes: ['ambiguous', 'retryable'], says: /reset|closed/ },
  { name: 'closes before any byte', behaviour: 'close after accept', becomes: ['ambiguous', 'retryable'], says: /reset|closed/ },
  { name: 'resets after reading', behaviour: 'reset after body', becomes: ['ambiguous'], says: /reset/ },
  { name: 'closes after reading', behaviour: 'close after body', becomes: ['ambiguous'], says: /reset|closed/ },
  {
    name: '429 with seconds',
    behaviour: { status: 429, headers: { 'retry-after': '120' }, body: 'slow down' },
    becomes: ['retryable'],
    retryAfter_ms: 120_000,
  },
  { name: '429 with a date', behaviour: { status: 429, headers: { 'retry-after': IN_30_S } }, becomes: ['retryable'], retryAfter_ms: 29_500 },
  { name: '500', behaviour: { status: 500, body: 'oops' }, becomes: ['retryable'], says: /500/ },
  { name: '502', behaviour: { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad Gateway</h1>' }, becomes: ['retryable'] },
  { name: '503', behaviour: { status: 503, headers: { 'retry-after': '7' } }, becomes: ['retryable'], retryAfter_ms: 7_000 },
  { name: '408', behaviour: { status: 408 }, becomes: ['retryable'], says: /408/ },
  { name: '410', behaviour: { status: 410, body: 'no more' }, becomes: ['rejected'], says: /gone/ },
  { name: '400', behaviour: { status: 400, body: 'no' }, becomes: ['rejected'], says: /400/ },
  {
    name: 'redirects to the metadata address',
    behaviour: { status: 302, headers: { location: 'http://169.254.169.254/latest/meta-data/' } },
    becomes: ['rejected'],
    says: /redirects are not followed/,
  },
  {
    name: 'a wrong content type',
    behaviour: { status: 200, headers: { 'content-type': 'text/html' }, body: '{"ok":true,"id":"msg-1"}' },
    becomes: UNPROVED,
  },
  { name: 'JSON that is none', behaviour: { status: 200, headers: JSON_TYPE, body: '{"ok":true,"id":"msg-1"' }, becomes: UNPROVED },
  {
    name: '200 with an error inside',
    behaviour: { status: 200, headers: JSON_TYPE, body: '{"ok":false,"status":0,"error":"nobody there","errors":["nobody there"]}' },
    becomes: { trusting: ['proved'], reading: ['rejected', 'ambiguous'] },
  },
  { name: '200 and nothing', behaviour: { status: 200 }, becomes: UNPROVED },
  { name: 'an endless body', behaviour: 'endless body', becomes: UNPROVED },
  { name: 'a gzip bomb', behaviour: compressed('gzip', gzipSync(BOMB)), becomes: UNPROVED },
  { name: 'a deflate bomb', behaviour: compressed('deflate', deflateSync(BOMB)), becomes: UNPROVED },
  { name: 'a brotli bomb', behaviour: compressed('br', brotliCompressSync(BOMB)), becomes: UNPROVED },
  { name: 'a bomb in a bomb', behaviour: compressed('gzip, gzip', gzipSync(gzipSync(BOMB))), becomes: UNPROVED },
  { name: 'an encoding that nobody knows', behaviour: compressed('zstd', Buffer.from('{"ok":true,"id":"msg-1"}')), becomes: UNPROVED },
  { name: 'no HTTP', behaviour: { raw: 'SSH-2.0-OpenSSH_9.6\r\n' }, becomes: ['ambiguous'], says: /not HTTP/ },
  { name: 'two lengths', behaviour: { raw: 'HTTP/1.1 200 OK\r\ncontent-length: 5, 6\r\n\r\nhello' }, becomes: ['ambiguous'] },
  { name: 'an upgrade', behaviour: { raw: 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n' }, becomes: ['ambiguous'] },
  { name: 'an endless header', behaviour: { raw: `HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(1024 * 1024)}` }, becomes: ['ambiguous'] },
];
