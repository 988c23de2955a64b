import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { QuarantineReason } from '../../../src/model/artifacts.ts';
import { isRoot, THINGS, type Thing } from '../../support/hostile-things.ts';

/** One way in which a whole event goes bad. Its name stays the one that it was promised. */
export interface Spoiler {
  name: string;
  /** Takes the text of a good event. */
  spoil(text: string): string | Uint8Array;
  reason: QuarantineReason;
}

const inData = (text: string, more: string): string => text.replace('"data": {', `"data": {\n    ${more},`);

export const SPOILERS: readonly Spoiler[] = [
  { name: 'cut off in the middle', spoil: (text) => text.slice(0, text.length >> 1), reason: 'not_json' },
  { name: 'without its last brace', spoil: (text) => text.slice(0, text.lastIndexOf('}')), reason: 'not_json' },
  { name: 'twice in one file', spoil: (text) => text + text, reason: 'not_json' },
  { name: 'empty', spoil: () => '', reason: 'not_json' },
  { name: 'zeros of a torn write', spoil: (text) => '\u0000'.repeat(text.length), reason: 'not_json' },
  { name: 'a bit flipped', spoil: (text) => flipped(text), reason: 'not_utf8' },
  { name: 'a key that stands twice', spoil: (text) => text.replace('"id":', '"id": "other",\n  "id":'), reason: 'duplicate_key' },
  { name: 'a key __proto__', spoil: (text) => inData(text, '"__proto__": {"polluted": true}'), reason: 'forbidden_key' },
  { name: 'a key __proto__ in disguise', spoil: (text) => inData(text, '"__pr\\u006fto__": {"polluted": true}'), reason: 'forbidden_key' },
  { name: 'nested 70 levels deep', spoil: (text) => inData(text, `"deep": ${'['.repeat(70)}${']'.repeat(70)}`), reason: 'too_deep' },
  { name: 'a number without end', spoil: (text) => inData(text, '"n": 1e999'), reason: 'not_finite' },
  { name: 'more than 1 MiB', spoil: (text) => inData(text, `"x": "${'x'.repeat(1024 * 1024)}"`), reason: 'too_large' },
  { name: 'a severity that there is not', spoil: (text) => text.replace('"severity": "error"', '"severity": "terrible"'), reason: 'schema_invalid' },
  { name: 'without its source', spoil: (text) => text.replace(/ {2}"source": "[^"]*",\n/, ''), reason: 'schema_invalid' },
  { name: 'the id of another one', spoil: (text) => text.replace(/"id": "/, '"id": "not-'), reason: 'name_mismatch' },
  { name: 'the subject of another one', spoil: (text) => text.replace('"subject": "job/', '"subject": "job/not-'), reason: 'name_mismatch' },
];

function flipped(text: string): Uint8Array {
  const bytes = Buffer.from(text);
  const at = bytes.indexOf('summary');
  bytes[at] = (bytes[at] as number) | 0x80;
  return bytes;
}

/** What stands there and is no file, or none that says anything. */
export const STRANGERS: readonly Thing[] = THINGS.filter(({ needsRoot }) => !needsRoot || isRoot);

/** What nobody but its owner may look into or move: not the user who makes the passes. */
export const LOCKED: readonly Thing[] = [
  {
    name: 'a file without permission to read',
    put(path) {
      writeFileSync(path, '{}');
      chmodSync(path, 0);
    },
  },
];

/** Names that belong to no artifact. */
export const NAMES: readonly string[] = [
  'x',
  '%2e%2e.json',
  'a\nb\u001b[2J.json',
  '__proto__',
  '-rf',
  'queue',
  '20260230T115900.000Z_run.failed_job.x_0123456789ab.json',
  '20261122T115900.000Z_run.failed_job.x_0123456789AB.json',
  '20261122T115900.000Z_run.failed_job.x_0123456789ab.json.tmp',
  '\u202egnp.exe',
];

/** A folder with something in it, that cannot be moved by whoever does not own it. */
export function leaveFolder(path: string): void {
  mkdirSync(path);
  writeFileSync(join(path, 'inner'), 'x');
  chmodSync(path, 0o700);
}
