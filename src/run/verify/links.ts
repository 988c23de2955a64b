import type { Link } from '../../model/artifacts.ts';
import { linkedName } from '../../model/names.ts';
import { type DayFacts, isReceipt, type NoticeFacts } from './facts.ts';
import type { Finding } from './finding.ts';

interface LinkFound {
  /** The artifact that holds it. */
  from: string;
  link: Link;
  /** Whether a link of its kind leads to such a place. */
  fits: boolean;
}

/** What lies under a path on another day: the SHA-256 of its bytes, null if nothing does, undefined if nobody can say. */
export type HashElsewhere = (path: string) => string | null | undefined;

/** Every link of a day that leads to nothing, to other bytes, or to where a link of its kind never leads. One finding for each place. */
export function brokenLinks(day: DayFacts, elsewhere: HashElsewhere): Finding[] {
  const broken = new Map<string, Finding & { others: number }>();
  const add = (path: string, reason: Finding['reason'], detail: string): void => {
    const known = broken.get(`${path} ${reason}`);
    if (known) known.others++;
    else broken.set(`${path} ${reason}`, { path, reason, detail, since: null, others: 0 });
  };
  for (const { from, link, fits } of linksOf(day)) {
    if (!fits) add(from, 'link_wrong', `it links to ${link.path}`);
    const actual = dayOfPath(link.path) === day.day ? hashHere(day, link.path) : elsewhere(link.path);
    if (actual === null) add(link.path, 'cause_missing', from);
    else if (actual !== undefined && actual !== link.sha256) {
      add(link.path, 'cause_altered', `${from} says ${link.sha256}, it has ${actual}`);
    }
  }
  return [...broken.values()].map(({ others, ...finding }) => ({ ...finding, detail: `${finding.detail}${others === 0 ? '' : `; ${others} more`}` }));
}

/** Null: it is not there. Undefined: it is there, and cannot be read, which is a finding of its own. */
function hashHere({ files }: DayFacts, path: string): string | null | undefined {
  const hash = files.get(path);
  return hash === null ? undefined : (hash ?? null);
}

/** No split(): this is asked of every link. */
export function dayOfPath(path: string): string {
  const start = path.indexOf('/') + 1;
  const end = path.indexOf('/', start);
  return start === 0 ? '' : path.slice(start, end < 0 ? undefined : end);
}

function* linksOf(day: DayFacts): Generator<LinkFound> {
  for (const { path, links } of day.events.values()) {
    for (const link of links) yield { from: path, link, fits: true };
  }
  for (const [name, { path, document }] of day.decisions) {
    yield { from: path, link: document.event, fits: document.event.path === `events/${day.day}/${name}.json` };
  }
  for (const parts of day.notices.values()) yield* linksOfNotice(parts, day.day);
}

function* linksOfNotice({ name, notice, handoffs, claims, deferrals, revisions }: NoticeFacts, day: string): Generator<LinkFound> {
  const own = `queue/${day}/${name}.json`;
  if (notice) {
    const { event, decision } = notice.document;
    const cause = `${day}/${linkedName(event)}.json`;
    yield { from: notice.path, link: event, fits: event.path === `events/${cause}` };
    yield { from: notice.path, link: decision, fits: decision.path === `decisions/${cause}` };
  }
  for (const { path, document } of handoffs.values()) {
    yield { from: path, link: document.notice, fits: document.notice.path === own };
    if (document.previous) yield { from: path, link: document.previous, fits: true };
  }
  for (const [number, { path, document }] of [...claims, ...deferrals]) {
    yield { from: path, link: document.handoff, fits: document.handoff.path === `handoffs/${day}/${name}.${number}.json` };
  }
  for (const fact of revisions) {
    const { path, document } = fact;
    yield { from: path, link: document.notice, fits: document.notice.path === own };
    if (document.previous) yield { from: path, link: document.previous, fits: true };
    if (!isReceipt(fact) || !fact.document.handoff) continue;
    yield { from: path, link: fact.document.handoff, fits: attemptOf(fact.document.handoff, name, day) !== null };
  }
}

/** The number of the attempt that a link leads to; null if it leads to none of this notice. */
export function attemptOf({ path }: Link, name: string, day: string): number | null {
  const start = `handoffs/${day}/${name}.`;
  const number = path.startsWith(start) ? /^([1-9]\d{0,3})\.json$/.exec(path.slice(start.length))?.[1] : undefined;
  return number === undefined ? null : Number(number);
}
