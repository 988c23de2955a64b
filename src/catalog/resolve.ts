import type { Breaker, Retry } from '../model/artifacts.ts';
import type { Catalog, Gate, NotifyRule, ResolvedSender, RetryPolicy } from '../model/catalog.ts';
import { sha256 } from '../model/hash.ts';
import { parseDurationMs } from '../model/time.ts';
import { type BoundSender, boundSenders } from './bound-sender.ts';
import type { Declarations } from './declarations.ts';
import type { Declared } from './document.ts';
import { rulesIn } from './pack-rules.ts';
import { resolveExpectations } from './resolve-expectations.ts';
import { sourcesOf } from './sources.ts';
import { gapAfter_ms, heartbeatOf, scheduleOfPasses } from './watchdog.ts';

/** More failures than an afternoon's hiccup, fewer than a queue full of them. */
const DEFAULT_BREAKER = { failures: 10, pause_ms: 60_000 };
/** A human may say for a day that they were told, or that they were not, before that becomes a fact of a later day. */
const DEFAULT_SEAL_AFTER_MS = 86_400_000;
const DEFAULT_RETRY: RetryPolicy = { attempts: 5, initial_ms: 10_000, factor: 2, max_ms: 900_000 };

/** Everything that is in force for one runtime binding, as plain data. All documents must have passed every rule. */
export function resolveCatalog(binding: Declared<'RuntimeBinding'>, declarations: Declarations): Catalog {
  const { spec } = binding.value;
  const profile = found(declarations.find('Profile', spec.profile));
  const packs = profile.value.spec.policy.map((name) => found(declarations.find('PolicyPack', name)));
  const senders = boundSenders(binding, declarations);
  return {
    digest: digestOf(binding, [binding, profile, ...packs, ...senders.map((sender) => sender.base)]),
    binding: binding.name,
    profile: profile.name,
    posture: profile.value.spec.posture,
    requires: profile.value.spec.requires,
    state: spec.state,
    rules: packs.flatMap((pack) => rulesOf(pack, profile)),
    gates: packs.flatMap(gatesOf),
    targets: Object.fromEntries(Object.entries(spec.targets).map(([name, target]) => [name, { ...target }])),
    senders: Object.fromEntries(senders.map((sender) => [sender.name, resolveSender(sender)])),
    expectations: [...packs, binding].flatMap(resolveExpectations),
    schedule: scheduleOfPasses(spec),
    gapAfter_ms: gapAfter_ms(spec),
    heartbeat: heartbeatOf(spec),
    sources: sourcesOf(spec),
    acknowledge: spec.acknowledge ?? null,
    seal: {
      after_ms: duration(spec.seal?.after, DEFAULT_SEAL_AFTER_MS),
      keyFile: spec.seal?.key?.file ?? null,
      allowedSignersFile: spec.seal?.allowedSigners?.file ?? null,
    },
    activation: spec.activation ?? {},
  };
}

function found<T>(document: T | null): T {
  if (document === null) throw new Error('a document that every rule has let pass is missing');
  return document;
}

function rulesOf(pack: Declared<'PolicyPack'>, profile: Declared<'Profile'>): NotifyRule[] {
  return rulesIn(pack).map((rule) => ({
    pack: pack.name,
    id: rule.id,
    reason: rule.reason ?? '',
    when: rule.when,
    target: rule.target,
    within_ms: rule.within === undefined ? null : parseDurationMs(rule.within),
    requires: rule.requires ?? profile.value.spec.requires,
    dedupe: rule.dedupe ? { ...rule.dedupe, window_ms: parseDurationMs(rule.dedupe.window) ?? 0 } : null,
    escalate: (rule.escalate ?? []).map(({ after, target }) => ({ after_ms: duration(after, 0), target })),
  }));
}

function gatesOf(pack: Declared<'PolicyPack'>): Gate[] {
  return (pack.value.spec.gates ?? []).map(({ id, reason = '', action, requires }) => ({
    pack: pack.name,
    id,
    reason,
    action,
    notices: requires.notices ?? 'true',
    evidence: requires.evidence,
    within_ms: duration(requires.within, 0),
  }));
}

function resolveSender({ name, spec, instance, kind, ceiling, config }: BoundSender): ResolvedSender {
  const info = found(kind);
  const timeLimit = instance?.timeLimit ?? spec.timeLimit;
  return {
    name,
    kind: info.kind,
    ceiling,
    idempotent: instance?.idempotent ?? spec.idempotent,
    timeLimit_ms: duration(timeLimit, info.defaultTimeLimit_ms),
    concurrency: instance?.concurrency ?? spec.concurrency ?? info.defaultConcurrency,
    retry: retryOf({ ...spec.retry, ...instance?.retry }),
    rate: rateOf(instance?.rate ?? spec.rate),
    breaker: breakerOf({ ...spec.breaker, ...instance?.breaker }),
    bridge: instance?.bridge ?? spec.bridge ?? 'inline',
    config,
  };
}

function retryOf(retry: Retry): RetryPolicy {
  return {
    attempts: retry.attempts ?? DEFAULT_RETRY.attempts,
    initial_ms: duration(retry.initial, DEFAULT_RETRY.initial_ms),
    factor: retry.factor ?? DEFAULT_RETRY.factor,
    max_ms: duration(retry.max, DEFAULT_RETRY.max_ms),
  };
}

/** `20/1m`. */
function rateOf(rate: string | undefined): ResolvedSender['rate'] {
  if (rate === undefined) return null;
  const [count = '', per = ''] = rate.split('/');
  return { count: Number(count), per_ms: duration(per, 0) };
}

function breakerOf({ failures, pause }: Breaker): ResolvedSender['breaker'] {
  return { failures: failures ?? DEFAULT_BREAKER.failures, pause_ms: duration(pause, DEFAULT_BREAKER.pause_ms) };
}

function duration(text: string | undefined, otherwise_ms: number): number {
  return (text === undefined ? null : parseDurationMs(text)) ?? otherwise_ms;
}

/** SHA-256 over the binding's name and the files in force, each by its name in the workspace or package and its bytes. */
function digestOf(binding: Declared<'RuntimeBinding'>, documents: readonly Declared[]): string {
  const files = new Set(documents.map(({ source }) => `${source.name} ${sha256(source.bytes)}`));
  return sha256([binding.name, ...[...files].sort()].join('\n'));
}
