import type { Reopening } from '../model/artifacts.ts';
import { fileName } from '../model/names.ts';
import { readArtifact } from '../store/read.ts';
import { holdsOf } from './held-back.ts';
import { livenessOf } from './host.ts';
import type { Workspace } from './workspace.ts';

export type WhyNotSent = (notice: { name: string; target: string }, attempt: number, reopening: Reopening | null) => string;

/** What became of the last attempt of a notice without a receipt, and what holds back the next one. */
export function whyNotSent(workspace: Workspace, now_ms: number): WhyNotSent {
  const { layout, catalog } = workspace;
  const holds = holdsOf(workspace, now_ms);
  const heldBack = (target: string): string | null => {
    const sender = Object.hasOwn(catalog.targets, target) ? catalog.targets[target]?.sender : undefined;
    return sender === undefined ? null : holds(sender);
  };
  return ({ name, target }, attempt, reopening) => {
    if (reopening !== null && attempt <= reopening.afterAttempt) {
      const { by, note } = reopening;
      return `opened again by ${by.replace(/^human:/, '')}${note === '' ? '' : ` (${note})`}: ${heldBack(target) ?? 'no attempt since'}`;
    }
    if (attempt === 0) return heldBack(target) ?? 'no attempt yet';
    const deferral = readArtifact(layout, 'deferral', 'handoffs', name, fileName.deferral(name, attempt));
    if (deferral.kind !== 'ok') return underWay(workspace, name, attempt);
    const { detail, retryAt, fallback } = deferral.stored.document;
    const before = `attempt ${attempt} came back: ${detail}`;
    if (fallback !== undefined) return `${before}; it goes on to ${fallback}${also(heldBack(fallback))}`;
    const handoff = readArtifact(layout, 'handoff', 'handoffs', name, fileName.handoff(name, attempt));
    const way = handoff.kind === 'ok' ? (handoff.stored.document.via?.target ?? target) : target;
    const held = Date.parse(retryAt) <= now_ms ? heldBack(way) : null;
    return held === null ? `${before}; again at ${retryAt}` : `${before}${also(held)}`;
  };
}

const also = (held: string | null): string => (held === null ? '' : `; ${held}`);

function underWay({ layout }: Workspace, name: string, attempt: number): string {
  const handoff = readArtifact(layout, 'handoff', 'handoffs', name, fileName.handoff(name, attempt));
  const claim = readArtifact(layout, 'claim', 'handoffs', name, fileName.claim(name, attempt));
  if (handoff.kind === 'ok' && handoff.stored.document.owner === null && claim.kind === 'missing') {
    const { name: sender } = handoff.stored.document.sender;
    return `attempt ${attempt} waits for the bridge of ${sender}: rgov bridge --sender ${sender}`;
  }
  const owner = claim.kind === 'ok' ? claim.stored.document.owner : handoff.kind === 'ok' ? handoff.stored.document.owner : null;
  if (owner !== null && livenessOf(owner) === 'dead')
    return `the process that made attempt ${attempt} has ended without a word of it; the next pass judges it`;
  return `attempt ${attempt} is under way`;
}
