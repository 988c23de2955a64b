import type { Claim, Deferral, Handoff, Notice, Receipt } from '../../../src/model/artifacts.ts';
import { reaches } from '../../../src/model/evidence.ts';
import { dayOf } from '../../../src/model/names.ts';
import { currentReceipt } from '../../../src/model/truth.ts';
import type { Receiver } from './receivers.ts';
import type { Schedule } from './schedule.ts';
import type { Trail } from './trail.ts';
import type { World } from './world.ts';

/** Every notice has one truth, and the truth claims no more than its receiver or a human has said. */
export function checkTruths(world: World, trail: Trail, schedule: Schedule): void {
  for (const [path, notice] of trail.of<Notice>('queue')) {
    const name = notice.id;
    const revisions = trail.revisions.get(name) ?? [];
    const current = currentReceipt(revisions);
    if (current === null || current.status === 'reopened') {
      world.offence(`unsettled: ${path} ends ${current === null ? 'without a receipt' : 'opened again'}`);
      continue;
    }
    for (const { file, document, status } of revisions) if (status !== 'reopened') checkHonesty(world, trail, schedule, name, file, document);
  }
}

function checkHonesty(world: World, trail: Trail, { promised }: Schedule, notice: string, path: string, receipt: Receipt): void {
  if (receipt.status === 'acked' && !receipt.evidence.some(({ level }) => reaches(level, receipt.requires)))
    world.offence(`dishonest: ${path} is acked without evidence`);
  for (const { level, by, reference } of receipt.evidence) {
    const [kind, name] = [by.slice(0, by.indexOf(':')), by.slice(by.indexOf(':') + 1)];
    const receiver = kind === 'sender' ? world.receivers.get(name) : undefined;
    const isTrue =
      kind === 'sender'
        ? receiver?.told.some((told) => told.key === notice && told.level !== null && reaches(told.level, level)) &&
          receiver.received.some(({ key }) => key === notice)
        : kind === 'human'
          ? saidSo(promised, notice, name)
          : promised.confirmed.some((said) => said.notice === notice && said.by === name && said.reference === reference) ||
            promised.said.has(`${notice} ${name}`);
    if (!isTrue) world.offence(`dishonest: ${path} claims ${level} by ${by}, which nobody has said`);
  }
  if (receipt.reason === 'in_custody') {
    const told = [...world.receivers.values()].some(({ told }) =>
      told.some(({ key, kind }) => key === notice && (kind === 'custody' || kind === 'proved')),
    );
    if (!told) world.offence(`dishonest: ${path} claims custody that nobody took`);
  }
  const attempt = receipt.handoff === null ? null : trail.get<Handoff>(receipt.handoff.path);
  const receiver = attempt ? world.receivers.get(attempt.sender.name) : undefined;
  // What is said to be certain must be certain.
  if (!attempt || !receiver || !['rejected', 'attempts_exhausted'].includes(receipt.reason)) return;
  if (receiver.received.some(({ key, attempt: number }) => key === notice && number === attempt.attempt)) {
    const last = receiver.told.find(({ key, attempt: number }) => key === notice && number === attempt.attempt);
    if (last?.kind === 'retryable' || last?.kind === 'rejected') return;
    world.offence(`dishonest: ${path} says ${receipt.reason}, and ${receiver.name} has attempt ${attempt.attempt}`);
  }
}

// A human may have said so in a process that died before it could tell them; their word counts all the same.
const saidSo = (promised: Schedule['promised'], notice: string, by: string): boolean => promised.said.has(`${notice} ${by}`);

/** What came in came in once, from whoever had claimed it, and what is said to be certain is. */
export function checkReceiver(world: World, trail: Trail, _schedule: Schedule, receiver: Receiver): void {
  const attempts = new Set<string>();
  const keys = new Map<string, number>();
  for (const { key, attempt, nonce } of receiver.received) {
    const name = `${key}.${attempt}`;
    if (attempts.has(name)) world.offence(`twice: ${receiver.name} got attempt ${name} again`);
    attempts.add(name);
    keys.set(key, (keys.get(key) ?? 0) + 1);
    const handoff = trail.get<Handoff>(`handoffs/${dayOf(key)}/${name}.json`);
    const claim = trail.get<Claim>(`handoffs/${dayOf(key)}/${name}.claimed.json`);
    const owner = claim?.owner ?? handoff?.owner;
    if (owner === undefined || owner === null) world.offence(`unclaimed: ${receiver.name} got ${name}, of which there is no claim`);
    else if (owner.nonce !== nonce) world.offence(`unclaimed: ${receiver.name} got ${name} from ${nonce}, and ${owner.nonce} has claimed it`);
    if (handoff && handoff.idempotencyKey !== key) world.offence(`key: ${name} was sent as ${key}`);
  }
  for (const [key, count] of keys) {
    if (count === 1) continue;
    const reopenings = (trail.revisions.get(key) ?? []).filter(({ status }) => status === 'reopened').length;
    // What a handoff says counts: it was true when the message may have gone out.
    const ways = [...trail.of<Handoff>('handoffs')].filter(
      ([, { idempotencyKey, sender }]) => idempotencyKey === key && sender?.name === receiver.name,
    );
    const isDeclared = receiver.isIdempotent && ways.every(([, { sender }]) => sender.idempotent);
    if (!isDeclared && count > 1 + reopenings)
      world.offence(`twice: ${receiver.name} has ${key} ${count} times, and a human has opened it again ${reopenings} times`);
  }
  // An attempt whose outcome is known needs no other one after it.
  for (const [path, { reason, handoff }] of trail.of<Deferral>('handoffs', '.deferred.json')) {
    const [, key = '', number = ''] = /\/([^/]+)\.(\d+)\.json$/.exec(handoff.path) ?? [];
    if (reason !== 'retryable' && reason !== 'rejected' && reason !== 'not_begun') continue;
    const got = receiver.received.some((item) => item.key === key && item.attempt === Number(number));
    const told = receiver.told.find((item) => item.key === key && item.attempt === Number(number))?.kind;
    if (got && told !== 'retryable' && told !== 'rejected') world.offence(`dishonest: ${path} says ${reason}, and ${receiver.name} has it`);
  }
}
