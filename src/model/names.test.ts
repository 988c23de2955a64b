import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STAGES } from './artifacts.ts';
import { eventName, fileName, nameOfFile, noticeName, parseFile, parseName, subjectFile } from './names.ts';

const event = { time: '2026-11-22T03:00:00.000Z', type: 'report.overdue', subject: 'job/nightly-backup', source: 'rgov/watchdog', id: '1' };

describe('names', () => {
  it('begin with the time, say what and whom, and end with a hash of source and id', () => {
    expect(eventName(event)).toMatch(/^20261122T030000\.000Z_report\.overdue_job\.nightly-backup_[0-9a-f]{12}$/);
    expect(eventName({ ...event, id: '2' })).not.toBe(eventName(event));
  });

  it('follow from what they say, and can be taken apart again, whatever the words are', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'grapheme' }),
        fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }),
        (subject, type, date) => {
          const name = eventName({ ...event, subject, type, time: date.toISOString() });
          const parsed = parseName(name);
          expect(parsed?.time_ms).toBe(date.getTime());
          expect(name).not.toMatch(/[/\\\s]|\.\./);
          expect(name.length).toBeLessThan(200);
        },
      ),
    );
  });

  it('of folders with many files are found by the quick reader just as by the thorough one', () => {
    const name = noticeName({ time: event.time, event: eventName(event), pack: 'p', rule: 'r', target: 't' });
    const files = fc.oneof(
      fc.constantFrom(
        fileName.event(eventName(event)),
        fileName.notice(name),
        fileName.handoff(name, 1),
        fileName.handoff(name, 12),
        fileName.deferral(name, 2),
        fileName.receipt(name, 1, 'pending_external_send'),
        fileName.receipt(name, 3, 'acked'),
        `${name}.0.json`,
        `${name}.1.unknown.json`,
        `${name}.1.acked.more.json`,
        `${name}.json.json`,
        'notes.txt',
      ),
      fc
        .constantFrom(fileName.receipt(name, 1, 'acked'), fileName.handoff(name, 1), fileName.event(name))
        .chain((file) =>
          fc
            .tuple(fc.nat(file.length - 1), fc.constantFrom('_', '.', '/', 'x', '0', ''))
            .map(([at, char]) => file.slice(0, at) + char + file.slice(at + 1)),
        ),
    );
    fc.assert(
      fc.property(fc.constantFrom(...STAGES), fc.constantFrom('2026-11-22', '2026-11-23'), files, (stage, day, file) => {
        expect(nameOfFile(stage, day.replaceAll('-', ''), file)).toBe(parseFile(stage, day, file)?.name ?? null);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('subjectFile', () => {
  it('is readable, and differs where subjects differ', () => {
    expect(subjectFile('job/nightly-backup')).toBe('job.nightly-backup.json');
    expect(subjectFile('job.nightly-backup')).not.toBe(subjectFile('job/nightly-backup'));
    expect(subjectFile('job/nightly_backup')).not.toBe(subjectFile('job/nightly-backup'));
  });
});
