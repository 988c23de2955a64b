import type { ArtifactKind, Link, Stage } from '../model/artifacts.ts';
import type { Publication } from '../model/publication.ts';

const BEFORE_HANDOFFS: Stage[] = ['events', 'decisions', 'queue'];
/** Where lies what a receipt rests on. */
export const BEFORE_RECEIPTS: Stage[] = [...BEFORE_HANDOFFS, 'handoffs'];

/** Where lies what must outlive a power cut if an artifact of this kind does. */
const STAGES_BEFORE: Partial<Record<ArtifactKind, Stage[]>> = {
  decision: ['events'],
  notice: ['events', 'decisions'],
  handoff: BEFORE_HANDOFFS,
  claim: BEFORE_HANDOFFS,
  deferral: BEFORE_HANDOFFS,
  receipt: BEFORE_RECEIPTS,
  reopening: BEFORE_RECEIPTS,
};

/** More than this is forgotten as a whole: it only saves syncing. */
const MOST_KNOWN = 20_000;

/**
 * Whoever linked an artifact may have died, or failed, before its name was durable, while everybody can see it already. Knows which
 * artifacts are durable with all that caused them, because this process has seen to it.
 */
export class Causes {
  readonly #durable = new Set<string>();

  /** Stages and days whose folders have to be synced before these artifacts can be relied on. */
  unsynced(items: readonly Publication[]): { stage: Stage; day: string }[] {
    const ours = new Set(items.map(({ link }) => link.path));
    const foreign = items.filter(({ document }) => causesOf(document).some((path) => !ours.has(path) && !this.#durable.has(path)));
    return foreign.flatMap(({ kind, day }) => (STAGES_BEFORE[kind] ?? []).map((stage) => ({ stage, day })));
  }

  /** These are, and what they name as their causes. */
  areDurable(items: readonly Publication[]): void {
    if (this.#durable.size > MOST_KNOWN) this.#durable.clear();
    for (const { link, document } of items) for (const path of [link.path, ...causesOf(document)]) this.#durable.add(path);
  }
}

/** A plain loop: this is asked twice of every artifact. */
function causesOf(document: object): string[] {
  const paths: string[] = [];
  for (const key in document) {
    const value = (document as Record<string, unknown>)[key];
    if (isLink(value)) paths.push(value.path);
  }
  return paths;
}

const isLink = (value: unknown): value is Link => typeof value === 'object' && value !== null && 'path' in value && 'sha256' in value;
