import type { Adapter, Translation } from '../adapter.ts';
import { type Entry, openAnswer } from './answer.ts';
import { type Check, type Drafted, readCheck, statusDraft } from './check.ts';
import { pingDraft } from './ping.ts';

/**
 * Checks of Healthchecks (healthchecks.io, or one of one's own) and their pings, as its Management API v3 answers and its webhooks send them
 * ({@link openAnswer}). The subject is `job/<slug>`, the name that people choose; where it is empty, a fingerprint of the check.
 *
 * - A ping (start, success, fail, log) is the job's own claim: asserted. Its run id is the run. The API does not say the exit status.
 * - The status of a check without its pings: `up` and `grace` are the last success (asserted), `down` is what Healthchecks found (observed); `new` and
 *   `paused` are nothing that anybody must hear of. With its pings, only `down` is told besides.
 */
export const adapter: Adapter = {
  name: 'healthchecks',
  summary: 'checks of Healthchecks and their pings, as its API and webhooks give them in JSON',
  translate(input: Uint8Array): Translation {
    const translation: Translation = { events: [], rejected: [] };
    const opened = openAnswer(input);
    if (!opened.ok) {
      translation.rejected.push({ where: 'input', reason: opened.reason });
      return translation;
    }
    const note = (where: string, drafted: Drafted): void => {
      if (drafted.kind === 'draft') translation.events.push(drafted.draft);
      if (drafted.kind === 'rejected') translation.rejected.push({ where, reason: drafted.reason });
    };
    for (const { entry, check } of readAll(opened.entries, note)) {
      for (const [index, ping] of (entry.pings ?? []).entries()) note(`pings[${index}]`, pingDraft(check, ping));
      note(entry.where === '' ? 'input' : entry.where, statusDraft(check, entry.pings !== null));
    }
    return translation;
  },
};

/** The checks that can be told from each other: Healthchecks allows two of the same slug, and one must not speak for the other. */
function readAll(entries: readonly Entry[], note: (where: string, drafted: Drafted) => void): { entry: Entry; check: Check }[] {
  const readable: { entry: Entry; check: Check }[] = [];
  for (const entry of entries) {
    const read = readCheck(entry.check);
    if (read.ok) readable.push({ entry, check: read.check });
    else note(entry.where === '' ? 'input' : entry.where, { kind: 'rejected', reason: read.reason });
  }
  const keysOf = new Map<string, Set<string>>();
  for (const { check } of readable) keysOf.set(check.subject, (keysOf.get(check.subject) ?? new Set()).add(check.key));
  return readable.filter(({ entry, check }) => {
    if (keysOf.get(check.subject)?.size === 1) return true;
    note(entry.where, { kind: 'rejected', reason: `more than one check has the slug of ${check.subject}: give each a slug of its own` });
    return false;
  });
}
