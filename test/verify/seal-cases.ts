import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { canonicalEvent } from '../../src/model/event.ts';
import { sha256 } from '../../src/model/hash.ts';
import { eventName, fileName } from '../../src/model/names.ts';
import { failedRun } from '../support/world.ts';
import { FIRST, SECOND, THIRD, TODAY } from './state.ts';
import type { Case, Tampered } from './tampered.ts';

const seal = (day: string): string => `seals/${day}.sha256`;

/** What confirmations of today lead to on the first and on the third day. */
const linkedOn = (day: 'first' | 'third'): string[] => [
  `cause_missing handoffs/${day}/a.1.json`,
  `cause_missing queue/${day}/a.json`,
  `cause_missing receipts/${day}/a.1.acked.json`,
];

export const SEAL_CASES: readonly Case[] = [
  // what a sealed day holds
  {
    what: 'a sealed receipt taken away',
    tamper: (trail) => trail.remove('receipts/third/doubtful.1.acked.json'),
    finds: ['artifact_missing receipts/third/doubtful.1.acked.json'],
  },
  {
    what: 'a sealed receipt altered',
    tamper: (trail) => trail.overwrite('receipts/third/doubtful.1.acked.json', `${trail.read('receipts/third/doubtful.1.acked.json')} `),
    finds: ['artifact_altered receipts/third/doubtful.1.acked.json'],
  },
  { what: 'an event slipped into a sealed day', tamper: (trail) => slipIn(trail, THIRD), finds: ['artifact_added events/third/…slipped-in…'] },
  {
    what: 'a whole sealed day taken away',
    tamper: (trail) => removeDay(trail, THIRD),
    finds: ['artifact_missing seals/third.sha256', ...linkedOn('third')],
  },
  {
    what: 'an event slipped in before the first sealed day',
    tamper: (trail) => slipIn(trail, '2020-01-01'),
    finds: ['day_unsealed events/2020-01-01'],
  },
  {
    what: 'the newest seal taken away with its day, of which others tell',
    tamper(trail) {
      removeDay(trail, THIRD);
      trail.remove(seal(THIRD));
    },
    finds: [...linkedOn('third'), 'seal_missing seals/third.sha256'],
  },

  // the chain
  { what: 'the first seal taken away', tamper: (trail) => trail.remove(seal(FIRST)), finds: ['seal_missing seals/first.sha256'] },
  {
    what: 'a seal in the middle taken away',
    tamper: (trail) => trail.remove(seal(SECOND)),
    finds: ['archive_unsealed archives/second.tar.gz', 'seal_missing seals/second.sha256'],
  },
  {
    what: 'a line of a seal in the middle taken away',
    tamper: (trail) => trail.reseal(SECOND, (lines) => lines.slice(0, -1)),
    finds: ['artifact_added receipts/second/…', 'seal_altered seals/second.sha256'],
  },
  {
    what: 'the newest seal begins a chain of its own',
    tamper: (trail) => trail.reseal(THIRD, (lines) => lines.slice(1)),
    finds: ['seal_chain_broken seals/third.sha256'],
  },
  {
    what: 'the newest seal leaves the one before it out',
    tamper: (trail) => trail.reseal(THIRD, (lines) => [`${sha256(trail.read(seal(FIRST)))}  ${seal(FIRST)}`, ...lines.slice(1)]),
    finds: ['seal_chain_broken seals/second.sha256'],
  },
  {
    what: 'the newest seal names another hash of the one before it',
    tamper: (trail) => trail.reseal(THIRD, (lines) => [`${'0'.repeat(64)}  ${seal(SECOND)}`, ...lines.slice(1)]),
    finds: ['seal_altered seals/second.sha256'],
  },
  {
    what: 'a seal names itself',
    tamper: (trail) => trail.reseal(THIRD, (lines) => [`${'0'.repeat(64)}  ${seal(THIRD)}`, ...lines.slice(1)]),
    finds: ['seal_malformed seals/third.sha256'],
  },
  {
    what: 'a line that is none',
    tamper: (trail) => trail.reseal(THIRD, (lines) => [...lines, 'all is well']),
    finds: ['seal_malformed seals/third.sha256'],
  },
  {
    what: 'a last line that is cut off',
    tamper: (trail) => trail.overwrite(seal(THIRD), trail.read(seal(THIRD)).subarray(0, -10)),
    finds: ['seal_malformed seals/third.sha256'],
  },
  {
    what: 'a line that is none, while another day is asked for',
    tamper: (trail) => trail.reseal(THIRD, (lines) => [...lines, 'all is well']),
    finds: ['seal_malformed seals/third.sha256'],
    options: { day: FIRST },
  },
  {
    what: 'a hash that is none in the head of a seal in the middle',
    tamper: (trail) => trail.reseal(SECOND, ([first = '', ...rest]) => [`${'z'.repeat(64)}${first.slice(64)}`, ...rest]),
    finds: ['archive_unsealed archives/second.tar.gz', 'seal_altered seals/second.sha256', 'seal_malformed seals/second.sha256'],
  },
  {
    what: 'a line that is none in a seal in the middle, of a day that lies loose',
    tamper(trail) {
      trail.unpack(SECOND);
      trail.reseal(SECOND, (lines) => [...lines, 'all is well']);
    },
    finds: ['seal_altered seals/second.sha256', 'seal_malformed seals/second.sha256'],
  },
  { what: 'nothing: a day unpacked again, byte for byte', tamper: (trail) => trail.unpack(SECOND), finds: [] },
  {
    what: 'the head of a seal in the middle spoilt',
    tamper: (trail) => trail.reseal(SECOND, ([first = '', ...rest]) => [first.replace('seals', 'SEALS'), ...rest]),
    finds: ['archive_unsealed archives/second.tar.gz', 'seal_altered seals/second.sha256', 'seal_chain_broken seals/second.sha256'],
  },
  {
    what: 'artifacts of another day in a seal',
    tamper: (trail) => trail.reseal(THIRD, (lines) => [...lines, `${'0'.repeat(64)}  receipts/9999-01-01/x.json`]),
    finds: ['artifact_missing receipts/9999-01-01/x.json', 'seal_malformed seals/third.sha256'],
  },
  {
    what: 'an archive named twice',
    tamper: (trail) => trail.reseal(SECOND, ([first = '', ...rest]) => [first, archiveLine(trail, FIRST), ...rest]),
    finds: ['seal_altered seals/second.sha256', 'seal_malformed seals/third.sha256'],
  },
  {
    what: 'an archive named before it can have been there',
    tamper: (trail) =>
      trail.reseal(THIRD, ([first = '', ...rest]) => [first, ...rest.slice(0, 1), `${'0'.repeat(64)}  archives/${TODAY}.tar.gz`, ...rest.slice(1)]),
    finds: ['seal_malformed seals/third.sha256'],
  },
  {
    what: 'a seal behind a symbolic link',
    tamper: sealBehindLink,
    finds: ['archive_unsealed archives/second.tar.gz', 'not_a_regular_file seals/second.sha256'],
  },

  {
    what: 'all seals behind a symbolic link',
    tamper(trail) {
      trail.rename('seals', '.elsewhere');
      symlinkSync(trail.layout.at('.elsewhere'), trail.layout.at('seals'));
    },
    finds: ['not_a_regular_file seals'],
  },

  // archives
  {
    what: 'an archive taken away',
    tamper: (trail) => trail.remove(`archives/${FIRST}.tar.gz`),
    finds: ['archive_missing archives/first.tar.gz', ...linkedOn('first')],
  },
  {
    what: 'an archive that no seal names taken away',
    tamper: (trail) => trail.remove(`archives/${SECOND}.tar.gz`),
    finds: ['artifact_missing seals/second.sha256'],
  },
  { what: 'an archive packed anew, with the same content', tamper: (trail) => rezip(trail, FIRST), finds: ['archive_altered archives/first.tar.gz'] },
  {
    what: 'an archive with other content',
    tamper: (trail) => trail.repack(FIRST, alterEvents),
    finds: ['archive_altered archives/first.tar.gz', 'artifact_altered events/first/run.failed:b.json'],
  },
  {
    what: 'an archive cut off',
    tamper: (trail) => trail.overwrite(`archives/${FIRST}.tar.gz`, trail.read(`archives/${FIRST}.tar.gz`).subarray(0, 500)),
    finds: ['archive_altered archives/first.tar.gz', 'archive_unreadable archives/first.tar.gz'],
  },
  {
    what: 'an archive that no seal names, with other content',
    tamper: (trail) => trail.repack(SECOND, alterEvents),
    finds: ['artifact_altered events/second/run.failed:a.json'],
  },
  {
    what: 'an archive that no seal names, with less content',
    tamper: (trail) => trail.repack(SECOND, (files) => files.delete([...files.keys()].at(-1) as string)),
    finds: ['artifact_missing receipts/second/…'],
  },
  {
    what: 'an archive of a day that was never there',
    tamper: (trail) => trail.write('archives/2020-01-01.tar.gz', gzipSync(Buffer.alloc(1024))),
    finds: ['archive_unsealed archives/2020-01-01.tar.gz'],
  },
  {
    what: 'a packed artifact that lies about with other bytes',
    tamper: (trail) => trail.write(trail.path('events/first/run.failed:b.json'), '{}'),
    finds: ['artifact_altered events/first/run.failed:b.json'],
  },
  { what: 'an event slipped in beside an archive', tamper: (trail) => slipIn(trail, FIRST), finds: ['artifact_added events/first/…slipped-in…'] },
  {
    what: 'an archive with other content, and a newest seal that names it',
    async tamper(trail) {
      await trail.repack(FIRST, alterEvents);
      renameArchive(trail);
    },
    finds: ['artifact_altered events/first/run.failed:b.json', 'cause_altered events/first/run.failed:b.json'],
    options: { deep: true },
  },
  {
    what: 'a signature without a seal',
    tamper: (trail) => trail.write('seals/2020-01-01.sha256.sig', ''),
    finds: ['signature_without_seal seals/2020-01-01.sha256.sig'],
  },
];

/** An event that any program could have recorded on that day. */
function slipIn(trail: Tampered, day: string): void {
  const at_ms = Date.parse(`${day}T12:00:00.000Z`);
  const event = canonicalEvent(failedRun('slipped-in', { time: `${day}T12:00:00.000Z`, subject: 'job/slipped-in' }), at_ms);
  trail.write(`events/${day}/${fileName.event(eventName(event))}`, event);
}

function removeDay(trail: Tampered, day: string): void {
  for (const stage of ['decisions', 'events', 'handoffs', 'queue', 'receipts']) trail.remove(`${stage}/${day}`);
}

const archiveLine = (trail: Tampered, day: string): string => `${sha256(trail.read(`archives/${day}.tar.gz`))}  archives/${day}.tar.gz`;

function renameArchive(trail: Tampered): void {
  trail.reseal(THIRD, (lines) => lines.map((line) => (line.includes(`archives/${FIRST}`) ? archiveLine(trail, FIRST) : line)));
}

function rezip(trail: Tampered, day: string): void {
  const path = trail.layout.at(`archives/${day}.tar.gz`);
  writeFileSync(path, gzipSync(gunzipSync(readFileSync(path)), { level: 1 }));
}

/** One more space at the end of the last failed run. */
function alterEvents(files: Map<string, Uint8Array>): void {
  const path = [...files.keys()].filter((name) => /^events\/.*_run\.failed_job\.(a|b)_/.test(name)).at(-1) as string;
  files.set(path, Buffer.concat([files.get(path) as Uint8Array, Buffer.from(' ')]));
}

function sealBehindLink(trail: Tampered): void {
  const path = trail.layout.at(seal(SECOND));
  const bytes = readFileSync(path);
  trail.remove(seal(SECOND));
  trail.write('.aside', bytes);
  symlinkSync(trail.layout.at('.aside'), path);
}
