import { hash } from 'node:crypto';
import type { Decision, Event, Link, Notice, QuarantineNote, Receipt } from '../../../src/model/artifacts.ts';
import { dayOf, eventHash } from '../../../src/model/names.ts';
import { currentReceipt } from '../../../src/model/truth.ts';
import type { Schedule } from './schedule.ts';
import { Trail } from './trail.ts';
import { checkReceiver, checkTruths } from './truths.ts';
import type { World } from './world.ts';

/** What has to be true at the end of every schedule; whatever is not, the world is told as an offence. */
export function checkInvariants(world: World, schedule: Schedule): void {
  const trail = new Trail(world);
  checkLinks(world, trail);
  checkEvents(world, trail, schedule);
  checkDecisions(world, trail, schedule);
  checkTruths(world, trail, schedule);
  for (const receiver of world.receivers.values()) checkReceiver(world, trail, schedule, receiver);
  checkPromises(world, trail, schedule);
  checkQuarantine(world, trail);
  checkSeals(world, trail, schedule);
}

function checkLinks(world: World, trail: Trail): void {
  for (const [path, document] of trail.documents) {
    for (const [field, value] of Object.entries(document)) {
      if (!isLink(value)) continue;
      const bytes = trail.bytes.get(value.path);
      if (bytes === undefined) world.offence(`link: ${path} names as its ${field} ${value.path}, which is not there`);
      else if (hash('sha256', bytes, 'hex') !== value.sha256 && !isDerivedAgain(world, path, value.path))
        world.offence(`link: ${path} names as its ${field} other bytes of ${value.path}`);
    }
  }
}

/**
 * Where each folder comes to the disk by itself, a power cut before the barrier may keep a notice and lose its decision. What is
 * decided again may then be another decision, as other events were heard meanwhile; nothing of the notice had been sent.
 */
function isDerivedAgain(world: World, path: string, cause: string): boolean {
  const notice = path.slice(path.lastIndexOf('/') + 1, -'.json'.length);
  const wasSent = [...world.receivers.values()].some(({ received }) => received.some(({ key }) => key === notice));
  return path.startsWith('queue/') && !wasSent && world.disk.order === 'alone' && world.disk.lost.has(cause.slice(cause.lastIndexOf('/') + 1));
}

const isLink = (value: unknown): value is Link => typeof value === 'object' && value !== null && 'path' in value && 'sha256' in value;

function checkEvents(world: World, trail: Trail, { promised }: Schedule): void {
  const byHash = new Map<string, string[]>();
  for (const [path, { source, id, type }] of trail.of<Event>('events')) {
    const key = eventHash(source, id);
    byHash.set(key, [...(byHash.get(key) ?? []), path]);
    if (source === 'simulation' && !promised.drafts.has(`${source} ${id}`)) world.offence(`invented: ${path} was emitted by nobody`);
    if (source !== 'simulation' && !/^(notice\.|watchdog\.)/.test(type)) world.offence(`invented: ${path} says ${type}`);
  }
  for (const draft of promised.emitted.values()) {
    const paths = byHash.get(eventHash(draft.source, draft.id));
    if (paths === undefined && !isRefusedDrop(world, trail, draft.id)) world.offence(`lost: the emitter of ${draft.id} was told that it is recorded`);
  }
}

/** Where a clock was set back, what was dropped before that lies in the future: it is kept, with the reason, and not taken in. */
function isRefusedDrop(world: World, trail: Trail, id: string): boolean {
  const isKept = [...trail.bytes].some(
    ([path, bytes]) => path.startsWith('quarantine/') && path.endsWith(`inbox-${id}.json.reason.json`) && bytes.includes('in the future'),
  );
  return isKept && world.counts.jumps > 0;
}

/** Every event has its decision, and every decision the notices that policy asks for, neither more nor less. */
function checkDecisions(world: World, trail: Trail, schedule: Schedule): void {
  for (const [path, event] of trail.of<Event>('events')) {
    const decision = trail.get<Decision>(path.replace(/^events/, 'decisions'));
    if (decision === undefined) {
      if (!wasLeftBehind(world, trail, schedule, path)) world.offence(`undecided: ${path}`);
      continue;
    }
    const isFailure = event.type === 'run.failed';
    const verdict = decision.rules.find(({ rule }) => rule === 'failure');
    if (verdict?.reason === 'duplicate_event') {
      const other = trail.get<Event>(`events/${dayOf(verdict.detail ?? '')}/${verdict.detail}.json`);
      if (other?.source !== event.source || other.id !== event.id) world.offence(`policy: ${path} is no duplicate of ${verdict.detail}`);
      continue;
    }
    const isToldOrNot = verdict !== undefined && ['notify', 'withheld'].includes(verdict.outcome);
    if (isFailure !== (isToldOrNot && verdict.reason !== 'escalated') && event.type !== 'notice.escalated')
      world.offence(`policy: ${path} was judged ${JSON.stringify(verdict)}`);
    if (isFailure && verdict?.outcome === 'withheld' && verdict.reason !== 'deduplicated')
      world.offence(`policy: ${path} was withheld because ${verdict.reason}`);
    for (const { id } of decision.notices)
      if (!trail.get(`queue/${dayOf(id)}/${id}.json`)) world.offence(`lost: the notice ${id} that ${path} requires`);
  }
  for (const [path] of trail.of<Decision>('decisions'))
    if (!trail.get(path.replace(/^decisions/, 'events'))) world.offence(`orphan: ${path} has no event`);
  for (const [path, notice] of trail.of<Notice>('queue')) {
    const decision = trail.get<Decision>(notice.decision.path);
    if (!decision?.notices.some(({ id }) => id === notice.id)) world.offence(`orphan: ${path} was required by no decision`);
  }
}

/** What anybody was told to be recorded stays so. */
function checkPromises(world: World, trail: Trail, { promised }: Schedule): void {
  const receiptsOf = (notice: string): Receipt[] =>
    (trail.revisions.get(notice) ?? []).filter(({ status }) => status !== 'reopened').map(({ document }) => document);
  for (const { notice, by } of promised.acknowledged) {
    const isThere = receiptsOf(notice).some(({ evidence }) => evidence.some((item) => item.by === `human:${by}` && item.level === 'acknowledged'));
    const current = currentReceipt(trail.revisions.get(notice) ?? []);
    if (!isThere && !isSaidLater(trail, 'notice.acknowledged', notice))
      world.offence(`lost: ${by} was told that the acknowledgement of ${notice} is recorded`);
    else if (isThere && current?.status !== 'acked') world.offence(`lost: ${by} has acknowledged ${notice}, which ends ${current?.status}`);
  }
  for (const { notice, by, reference } of promised.confirmed) {
    const isThere = receiptsOf(notice).some(({ evidence, detail }) =>
      reference === null ? detail.includes('it bounced') : evidence.some((item) => item.by === `report:${by}` && item.reference === reference),
    );
    if (!isThere && !isSaidLater(trail, reference === null ? 'notice.bounced' : 'notice.confirmed', notice))
      world.offence(`lost: ${by} was told that the confirmation of ${notice} is recorded (${reference ?? 'a failure'})`);
  }
  for (const { notice, by } of promised.reopened) {
    const isThere = (trail.revisions.get(notice) ?? []).some(
      ({ status, document }) => status === 'reopened' && (document as unknown as { by: string }).by === `human:${by}`,
    );
    if (!isThere) world.offence(`lost: ${by} was told that ${notice} is opened again`);
  }
}

/** What is said of a notice of a closed day is an event of today. */
function isSaidLater(trail: Trail, type: string, notice: string): boolean {
  return [...trail.of<Event>('events')].some(([, event]) => event.type === type && event.data?.['notice'] === notice);
}

/** Seals name what lies in their days, all of it and nothing else, and form a chain. */
function checkSeals(world: World, trail: Trail, schedule: Schedule): void {
  const seals = [...trail.bytes.keys()].filter((path) => /^seals\/[^.]+\.sha256$/.test(path)).sort();
  seals.forEach((path, i) => {
    const lines = (trail.bytes.get(path) as Buffer).toString().split('\n').slice(0, -1);
    const named = new Set(lines.map((line) => line.slice(66)));
    for (const line of lines) {
      const bytes = trail.bytes.get(line.slice(66));
      if (bytes === undefined || hash('sha256', bytes, 'hex') !== line.slice(0, 64)) world.offence(`seal: ${path} does not match ${line.slice(66)}`);
    }
    const previous = seals[i - 1];
    if (previous !== undefined && !named.has(previous)) world.offence(`seal: ${path} does not name ${previous}`);
    const day = path.slice('seals/'.length, -'.sha256'.length);
    for (const artifact of trail.documents.keys()) {
      if (artifact.split('/')[1] === day && !named.has(artifact) && !wasLeftBehind(world, trail, schedule, artifact))
        world.offence(`seal: ${path} does not name ${artifact}`);
    }
    // Closed is everything up to the newest seal.
    for (const artifact of trail.documents.keys()) {
      const other = artifact.split('/')[1] as string;
      if (other < day && !seals.includes(`seals/${other}.sha256`)) world.offence(`seal: ${artifact} lies in a day before ${path} that has no seal`);
    }
  });
}

/**
 * Whoever wrote to a day in the moment in which it was sealed takes that away again, unless it dies before: then nobody was told of it,
 * and nobody looks at it any more; an emitter that says it once more is told of an event on another day.
 */
function wasLeftBehind(world: World, trail: Trail, { promised }: Schedule, path: string): boolean {
  const event = trail.get<Event>(path);
  const seal = trail.bytes.get(`seals/${path.split('/')[1]}.sha256`);
  const isUnnamed = seal !== undefined && !seal.includes(`  ${path}\n`);
  const isSaidElsewhere = [...trail.of<Event>('events')].some(
    ([other, { source, id }]) => other !== path && source === event?.source && id === event.id,
  );
  const isUntold = event?.source === undefined || !promised.emitted.has(`${event.source} ${event.id}`) || isSaidElsewhere;
  return isUnnamed && isUntold && world.processes.some(({ state, wasDisturbed }) => state === 'died' || wasDisturbed);
}

/** Nothing that was whole is moved aside but what a power cut has made an orphan. */
function checkQuarantine(world: World, trail: Trail): void {
  for (const [path, bytes] of trail.bytes) {
    if (!path.startsWith('quarantine/') || !path.endsWith('.reason.json')) continue;
    let note: QuarantineNote;
    try {
      note = JSON.parse(bytes.toString());
    } catch {
      // A power cut may leave a note without its words.
      continue;
    }
    const isOrphan = note.reason === 'parent_missing' || note.reason === 'parent_mismatch';
    const isRefused = note.path.startsWith('inbox/') && isRefusedDrop(world, trail, note.path.slice('inbox/'.length, -'.json'.length));
    if (!isRefused && (!isOrphan || world.counts.powerCuts === 0)) world.offence(`quarantine: ${note.path}: ${note.reason}, ${note.detail}`);
  }
}
