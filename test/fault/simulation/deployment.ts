import type { Catalog, NotifyRule, ResolvedSender } from '../../../src/model/catalog.ts';
import type { Random } from './random.ts';
import { GOOD_MANNERS, type Level, type Manners, Receiver } from './receivers.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What the operator of one simulated deployment has declared, and whom the messages go to. */
export interface Deployment {
  catalog: Catalog;
  receivers: Receiver[];
  /** Senders whose bridge is a process of its own. */
  bridges: string[];
}

const ALL_MANNERS: Manners = {
  proves: 6,
  'takes custody': 1,
  'not now': 2,
  refuses: 1,
  'has it, answer lost': 2,
  'lost on the way': 2,
  'answers late': 1,
  breaks: 0.5,
};

/** Any of the ways in which a deployment can be set up, as far as delivery depends on it. */
export function drawDeployment(random: Random): Deployment {
  const receivers = ['first', 'second'].map((name) => drawReceiver(name, random));
  const senders = receivers.map((receiver) => drawSender(receiver, random));
  const catalog: Catalog = {
    digest: 'd'.repeat(64),
    binding: 'default',
    profile: 'simulated',
    posture: 'notify',
    requires: 'accepted',
    state: 'state',
    rules: drawRules(random),
    targets: {
      operator: { sender: 'first', ...(random.chance(0.3) ? { fallback: ['deputy'] } : {}) },
      deputy: { sender: 'second', address: 'deputy' },
    },
    senders: Object.fromEntries(senders.map((sender) => [sender.name, sender])),
    expectations: [],
    schedule: null,
    activation: {},
    gapAfter_ms: random.chance(0.1) ? HOUR_MS : null,
    heartbeat: null,
    sources: [],
    gates: [],
    acknowledge: null,
    seal: random.chance(0.25) ? { after_ms: random.pick([0, 0, HOUR_MS]), keyFile: null, allowedSignersFile: null } : null,
  };
  return { catalog, receivers, bridges: senders.flatMap(({ name, bridge }) => (bridge === 'process' ? [name] : [])) };
}

function drawReceiver(name: string, random: Random): Receiver {
  const level = random.weighted<Level>({ accepted: 6, delivered: 2, relayed: 1, seen: 1, acknowledged: 0.3 });
  return new Receiver(name, random.chance(0.5), level, random.chance(0.35) ? GOOD_MANNERS : ALL_MANNERS);
}

function drawSender({ name, isIdempotent }: Receiver, random: Random): ResolvedSender {
  return {
    name,
    kind: 'simulated',
    ceiling: random.weighted({ accepted: 6, delivered: 2, none: 0.5 }),
    // A binding may be more cautious than its receiver, never bolder.
    idempotent: isIdempotent && random.chance(0.8),
    timeLimit_ms: 10_000,
    concurrency: random.pick([1, 2, 16]),
    retry: { attempts: random.between(1, 4), initial_ms: 1_000, factor: 2, max_ms: MINUTE_MS },
    rate: random.chance(0.15) ? { count: random.between(1, 2), per_ms: 30_000 } : null,
    breaker: random.chance(0.2) ? { failures: 2, pause_ms: 30_000 } : { failures: 1_000, pause_ms: 1_000 },
    bridge: random.chance(0.2) ? 'process' : 'inline',
    config: { receiver: name },
  };
}

function drawRules(random: Random): NotifyRule[] {
  const rule = (id: string, when: string, target: string, parts: Partial<NotifyRule> = {}): NotifyRule => ({
    pack: 'simulated',
    id,
    reason: '',
    when,
    target,
    within_ms: null,
    requires: 'accepted',
    dedupe: null,
    escalate: [],
    ...parts,
  });
  const dedupe = random.chance(0.4) ? { key: 'event.subject', window: '1h', window_ms: HOUR_MS } : null;
  const escalate = random.chance(0.08) ? [{ after_ms: 5 * MINUTE_MS, target: 'deputy' }] : [];
  const within_ms = escalate.length > 0 || random.chance(0.1) ? 10 * MINUTE_MS : null;
  const requires = random.chance(0.15) ? 'delivered' : 'accepted';
  const rules = [rule('failure', 'event.type == "run.failed"', 'operator', { dedupe, escalate, within_ms, requires })];
  if (random.chance(0.2)) rules.push(rule('critical', 'event.severity == "critical"', 'deputy'));
  if (random.chance(0.12)) rules.push(rule('unheard', 'event.type == "notice.bounced" || event.type == "notice.overdue"', 'deputy'));
  return rules;
}
