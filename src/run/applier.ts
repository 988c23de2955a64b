import type { AttemptDeps, SenderFor } from '../apply/attempts.ts';
import type { Applier } from '../apply/index.ts';
import { Supervisor } from '../apply/supervisor.ts';
import type { Owner } from '../model/artifacts.ts';
import type { Liveness } from '../model/snapshot.ts';
import { settle } from '../plan/settle.ts';
import { SENDER_KINDS } from '../senders/registry.generated.ts';
import type { Sender } from '../senders/sender.ts';
import { createFile } from '../store/create-file.ts';
import type { Layout } from '../store/layout.ts';
import { Publisher } from '../store/publish.ts';
import { quarantine } from '../store/quarantine.ts';
import { hasRevision, isOutweighed } from '../store/receipts.ts';
import { acknowledgeLinkFor } from './ack-token.ts';
import { Admission } from './admission.ts';
import { addLateEvidence } from './evidence.ts';
import { secretResolver, thisOwner } from './host.ts';
import { isLate, recordLate } from './late.ts';
import type { Observer } from './liveness.ts';
import { Pulse } from './pulse.ts';
import { type Senses, sensesOf } from './senses.ts';
import type { Workspace } from './workspace.ts';

const OPERATOR_FILE_MODE = 0o644;

export interface LiveApplier {
  applier: Applier;
  senses: Senses;
  /** Looks anew at how the senders fare, by what is on disk. */
  admission: Admission;
  /** Waits for the attempts under way, lets go of the connections that senders keep open, and leaves what was learned to the next process. */
  close(): Promise<void>;
}

export interface LiveOptions {
  /** For more than one pass. */
  lasting?: boolean;
  /** What publishes, and whether attempts may still begin, where somebody must be able to stop them. */
  publisher?: Publisher;
  mayBegin?: () => boolean;
}

/** The applier with real senders, real disk and real time. */
export function liveApplier(workspace: Workspace, clock: () => number, options: LiveOptions = {}): LiveApplier {
  const { layout } = workspace;
  const { lasting = false, mayBegin = () => true } = options;
  const senders = new SenderPool(workspace);
  const publisher = options.publisher ?? new Publisher(layout, thisOwner().nonce);
  const admission = new Admission(layout, clock);
  const pulse = new Pulse(layout);
  const attempts: AttemptDeps = { senderFor: senders.senderFor, clock, mayBegin, acknowledgeUrlFor: acknowledgeLinkFor(workspace) };
  const supervisor = new Supervisor({
    ...attempts,
    publisher,
    settle: (attempt, outcome) => settle(attempt, outcome, clock()),
    recordBeside(attempt, outcome, receipt) {
      const [evidence] = receipt.document.evidence;
      if (outcome.kind !== 'proved' || !evidence) return;
      const { name } = attempt.notice;
      if (isLate(publisher, name))
        recordLate(layout, publisher, { notice: attempt.notice, handoff: null, said: { kind: 'evidence', evidence } }, clock());
      else addLateEvidence(layout, publisher, name, evidence, attempt.handoff, clock());
    },
    isOutweighed: (receipt) => isOutweighed(layout, receipt),
    isThere: (claim) => publisher.isThere(claim),
    admit(sender) {
      pulse.start();
      return admission.admit(sender);
    },
    onRecorded: (attempt, item) => admission.heard(attempt.sender.name, item),
    isSettled: ({ notice, reopened }) => hasRevision(layout, notice.name, (reopened?.document.revision ?? 0) + 1),
  });
  const ours = supervisorsOf(layout);
  ours.add(supervisor);
  const applier: Applier = { publisher, supervisor, quarantine: (file) => quarantine(layout, file, clock()) };
  const senses = sensesOf(workspace, lasting);
  const close = async (): Promise<void> => {
    // At once: whoever takes over reads it.
    senses.watchdog.remember(null);
    supervisor.letGo();
    await supervisor.idle().catch(() => {});
    ours.delete(supervisor);
    pulse.stop();
    senders.close();
  };
  return { applier, senses, admission, close };
}

/** Those of this process, by the folder of the state: while documents are loaded anew, the one of before is still at work beside its successor. */
const supervisors = new Map<string, Set<Supervisor>>();

function supervisorsOf({ root }: Layout): Set<Supervisor> {
  const known = supervisors.get(root);
  if (known) return known;
  const none = new Set<Supervisor>();
  supervisors.set(root, none);
  return none;
}

/**
 * What can be told of the owner of a claim. This process knows its own attempts: one that it has not in hand any more has no outcome
 * on disk and will get none, as if its process had died.
 */
export function livenessWith(observer: Observer, layout: Layout): (owner: Owner, lease_ms: number, notice?: string) => Liveness {
  return (owner, lease_ms, notice) => {
    const isForgotten =
      notice !== undefined && owner.nonce === thisOwner().nonce && ![...supervisorsOf(layout)].some((supervisor) => supervisor.hasInHand(notice));
    return isForgotten ? 'dead' : observer.livenessOf(owner, lease_ms);
  };
}

/** Senders by their name in the catalog, started when first needed. */
class SenderPool {
  readonly #workspace: Workspace;
  readonly #started = new Map<string, Promise<Sender>>();
  readonly #open: Sender[] = [];

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  readonly senderFor: SenderFor = ({ sender }) => {
    const known = this.#started.get(sender.name);
    if (known) return known;
    const started = this.#start(sender.kind, sender.config);
    this.#started.set(sender.name, started);
    return started;
  };

  async #start(kind: string, config: Record<string, unknown>): Promise<Sender> {
    const create = await SENDER_KINDS[kind]?.load();
    if (!create) throw new Error(`there is no sender of kind ${kind}`);
    const { root } = this.#workspace;
    const sender = create(config, {
      workspace: root,
      resolveSecret: secretResolver(root, process.env),
      env: process.env,
      createFile: (path, text) => createFile(path, text, OPERATOR_FILE_MODE),
    });
    this.#open.push(sender);
    return sender;
  }

  close(): void {
    for (const sender of this.#open) sender.close?.();
  }
}
