import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { TODAY } from './state.ts';
import type { Case, Tampered } from './tampered.ts';

const EVENT = 'events/today/notice.test:rgov/send-test.json';
const RECEIPT = 'receipts/today/plain.1.acked.json';
/** Nothing links to it. */
const LAST = 'receipts/today/taken.2.acked.json';

const spoilt = (what: string, reason: string, spoil: (text: string) => string | Uint8Array): Case => ({
  what,
  tamper: (trail) => trail.overwrite(LAST, spoil(trail.read(LAST).toString())),
  finds: [`${reason} ${LAST}`],
});

export const FILE_CASES: readonly Case[] = [
  spoilt('cut off', 'not_json', (text) => text.slice(0, 100)),
  spoilt('emptied', 'not_json', () => ''),
  spoilt('no UTF-8', 'not_utf8', (text) => Buffer.concat([Buffer.from(text.trimEnd()), Buffer.from([0xff])])),
  spoilt('a key twice', 'duplicate_key', (text) => text.replace('"revision": 2', '"revision": 2, "revision": 2')),
  spoilt('a prototype key', 'forbidden_key', (text) => text.replace('"revision": 2', '"revision": 2, "__proto__": {}')),
  spoilt('too deep', 'too_deep', (text) => text.replace('"revision": 2', `"revision": 2, "x": ${'['.repeat(70)}${']'.repeat(70)}`)),
  spoilt('a number without end', 'not_finite', (text) => text.replace('"revision": 2', '"revision": 1e999')),
  spoilt('too large', 'too_large', (text) => text.padEnd(1024 * 1024 + 1)),
  spoilt('a field too many', 'schema_invalid', (text) => text.replace('"revision": 2', '"revision": 2, "sent": true')),
  spoilt('acked for less than is required', 'rule_violated', (text) => text.replace('"level": "delivered"', '"level": "accepted"')),
  spoilt('evidence above the ceiling that it names', 'rule_violated', (text) => text.replace('"ceiling": "delivered"', '"ceiling": "accepted"')),
  spoilt('a program that acknowledges', 'rule_violated', (text) =>
    text.replace('"level": "delivered"', '"level": "acknowledged"').replace('"ceiling": "delivered"', '"ceiling": "acknowledged"'),
  ),
  spoilt('another notice', 'name_mismatch', (text) => text.replaceAll('failure-reaches-operator_operator', 'failure-reaches-operator_nobody')),
  spoilt('another revision', 'name_mismatch', (text) => text.replace('"revision": 2', '"revision": 3')),
  {
    what: 'an event under the name of another one',
    tamper: (trail) => trail.rename(EVENT, `events/${TODAY}/${TODAY.replaceAll('-', '')}T100002.000Z_notice.test_rgov.send-test_000000000000.json`),
    finds: ['name_mismatch events/today/…000000000000.json', `cause_missing ${EVENT}`],
  },
  {
    what: 'a receipt that says acked in its name alone',
    tamper: (trail) =>
      trail.rename('receipts/today/mourned.1.blocked.json', trail.path('receipts/today/mourned.1.blocked.json').replace('blocked', 'acked')),
    finds: ['name_mismatch receipts/today/mourned.1.acked.json', 'cause_missing receipts/today/mourned.1.blocked.json'],
  },
  {
    what: 'a symbolic link to the very same bytes',
    tamper(trail) {
      const path = trail.path(LAST);
      trail.rename(LAST, 'aside.json');
      symlinkSync(trail.layout.at('aside.json'), trail.layout.at(path));
    },
    finds: [`not_a_regular_file ${LAST}`],
  },
  {
    what: 'a named pipe',
    tamper: (trail) => inPlaceOf(trail, LAST, (path) => execFileSync('mkfifo', [path])),
    finds: [`not_a_regular_file ${LAST}`],
  },
  {
    what: 'a folder in place of an artifact',
    tamper: (trail) => inPlaceOf(trail, LAST, (path) => execFileSync('mkdir', [path])),
    finds: [`not_a_regular_file ${LAST}`],
  },
  {
    what: 'a stage behind a symbolic link',
    tamper(trail) {
      trail.rename('archives', '.elsewhere');
      symlinkSync(trail.layout.at('.elsewhere'), trail.layout.at('archives'));
    },
    finds: ['not_a_regular_file archives'],
  },
  { what: 'a file of nobody', tamper: (trail) => trail.write(`events/${TODAY}/README`, 'x'), finds: ['name_invalid events/today/README'] },
  { what: 'a folder that is no day', tamper: (trail) => trail.write('queue/tomorrow/x', 'x'), finds: ['name_invalid queue/tomorrow'] },
  { what: 'a stray among the seals', tamper: (trail) => trail.write('seals/SHA256SUMS', ''), finds: ['name_invalid seals/SHA256SUMS'] },
  { what: 'a stray among the archives', tamper: (trail) => trail.write('archives/all.tar', ''), finds: ['name_invalid archives/all.tar'] },

  // links
  { what: 'one more space at the end', tamper: (trail) => trail.overwrite(EVENT, `${trail.read(EVENT)} `), finds: [`cause_altered ${EVENT}`] },
  {
    what: 'an outcome that was changed within what is possible',
    tamper: (trail) =>
      trail.overwrite(
        'receipts/today/taken.1.pending_external_send.json',
        `${trail.read('receipts/today/taken.1.pending_external_send.json')}`.replace('gateway', 'nothing'),
      ),
    finds: ['cause_altered receipts/today/taken.1.pending_external_send.json'],
  },
  { what: 'an event taken away', tamper: (trail) => trail.remove(EVENT), finds: [`cause_missing ${EVENT}`] },
  {
    what: 'a decision taken away',
    tamper: (trail) => trail.remove('decisions/today/notice.test:rgov/send-test.json'),
    finds: ['cause_missing decisions/today/notice.test:rgov/send-test.json'],
  },
  {
    what: 'an attempt taken away',
    tamper: (trail) => trail.remove('handoffs/today/plain.1.json'),
    finds: ['cause_missing handoffs/today/plain.1.json'],
  },
  {
    what: 'an event taken away that the watchdog points at',
    tamper: (trail) => trail.remove('queue/today/taken.json', 'events/today/notice.overdue:taken.json', 'decisions/today/notice.overdue:taken.json'),
    finds: ['notice_missing queue/today/taken.json', 'cause_missing queue/today/taken.json'],
  },
  {
    what: 'a link to a namesake in another folder',
    tamper: (trail) => trail.forge(RECEIPT, (receipt) => Object.assign(receipt, { handoff: trail.link('receipts/today/human.1.acked.json') })),
    finds: [`link_wrong ${RECEIPT}`],
  },
  {
    what: 'a notice that takes its decision for its event',
    tamper: (trail) => trail.forge('queue/today/plain.json', (notice) => Object.assign(notice, { event: notice['decision'] })),
    finds: ['link_wrong queue/today/plain.json'],
  },
  {
    what: 'a late word with another hash of what it is about',
    tamper: (trail) => trail.forge('events/today/notice.bounced:a.json', ({ data }) => Object.assign(data.about, { sha256: '0'.repeat(64) })),
    finds: ['cause_altered queue/first/a.json'],
  },
  {
    what: 'a late word about what never was',
    tamper: (trail) =>
      trail.forge('events/today/notice.bounced:a.json', ({ data }) =>
        Object.assign(data.about, { path: data.about.path.replace(/[0-9a-f]{12}\.json$/, '000000000000.json') }),
      ),
    finds: ['cause_missing queue/first/…000000000000.json'],
  },
  {
    what: 'a late word about a sealed day that lies loose, with another hash',
    tamper: (trail) => trail.forge('events/today/notice.confirmed:a.json', ({ data }) => Object.assign(data.about, { sha256: '0'.repeat(64) })),
    finds: ['cause_altered queue/third/a.json'],
  },
];

function inPlaceOf(trail: Tampered, label: string, make: (path: string) => unknown): void {
  const path = trail.at(label);
  trail.remove(label);
  make(path);
}
