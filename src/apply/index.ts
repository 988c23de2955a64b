import { check } from '../model/check.ts';
import { type ClaimingStep, isClaiming } from '../model/claims.ts';
import type { Publication } from '../model/publication.ts';
import type { PublishingStep, Step, Waiting } from '../model/steps.ts';
import type { Published, Publisher } from '../store/publish.ts';
import type { Supervisor } from './supervisor.ts';

export interface Applier {
  publisher: Publisher;
  supervisor: Supervisor;
  quarantine(file: Extract<Step, { kind: 'quarantine' }>['file']): void;
}

export interface Applied {
  created: Publication[];
  /** Events whose whole chain is on disk now. */
  verified: string[];
  /** Attempts that are due and cannot be claimed yet. */
  waiting: Waiting[];
  /** Chains of which something would have been written that no reader may believe, and what. */
  faulty: Map<string, string>;
}

/**
 * Carries out steps behind one barrier: intent is durable before anything is sent, and only who created a claim makes its
 * attempt. The attempts themselves are the supervisor's, and nobody waits for them here.
 */
export async function applySteps(steps: readonly Step[], { publisher, supervisor, quarantine }: Applier): Promise<Applied> {
  for (const step of steps) if (step.kind === 'quarantine') quarantine(step.file);
  const wanted = steps.filter((step): step is PublishingStep => step.kind !== 'quarantine');
  const faulty = faultyChains(wanted);
  const sound = faulty.size === 0 ? wanted : wanted.filter(({ chain }) => !faulty.has(chain));
  const { now, later, waiting } = claimable(sound, supervisor);
  const reserved = new Set<PublishingStep>(now.filter(isClaiming));
  try {
    const results = await publisher.publishAll(now);
    const created: Publication[] = [];
    now.forEach((step, i) => {
      if (results[i] === 'created') created.push(step.publication);
      if (!isClaiming(step)) return;
      reserved.delete(step);
      if (results[i] === 'created') supervisor.begin(step.attempt);
      else supervisor.release(step.attempt);
    });
    const broken = brokenChains(now, results);
    for (const step of later) if (!broken.has(step.chain)) waiting.push(supervisor.hold(step));
    return { created, verified: decidedWhole(now, broken), waiting, faulty };
  } finally {
    for (const step of reserved) if (isClaiming(step)) supervisor.abandon(step);
  }
}

/** What is published now, and the claims that have to wait. */
function claimable(steps: readonly PublishingStep[], supervisor: Supervisor): { now: PublishingStep[]; later: ClaimingStep[]; waiting: Waiting[] } {
  const later: ClaimingStep[] = [];
  const waiting: Waiting[] = [];
  const now = steps.filter((step) => {
    if (!isClaiming(step)) return true;
    const answer = supervisor.ask(step);
    if (answer === 'later') later.push(step);
    else if (answer !== 'now') waiting.push({ notice: step.attempt.notice.name, ...answer });
    return answer === 'now';
  });
  return { now, later, waiting };
}

/** Checked before it is written, just as after it is read: a fault of this program must not become a fact. */
function faultyChains(steps: readonly PublishingStep[]): Map<string, string> {
  const faulty = new Map<string, string>();
  for (const { chain, publication } of steps) {
    const failure = check(publication.kind, publication.document);
    if (failure) faulty.set(chain, `${publication.link.path} would not be valid: ${failure.detail}`);
  }
  return faulty;
}

const UNDONE: readonly Published[] = ['differs', 'skipped', 'closed'];

function brokenChains(steps: readonly PublishingStep[], results: readonly Published[]): Set<string> {
  return new Set(steps.filter((_, i) => UNDONE.includes(results[i] as Published)).map(({ chain }) => chain));
}

/** Decisions of this batch that are on disk with all their notices. */
function decidedWhole(steps: readonly PublishingStep[], broken: ReadonlySet<string>): string[] {
  return steps.flatMap((step) => (step.kind === 'decide' && !broken.has(step.chain) ? [step.event] : []));
}
