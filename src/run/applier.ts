import type { SenderFor } from '../apply/attempts.ts';
import type { Applier } from '../apply/index.ts';
import type { Outcome } from '../model/outcome.ts';
import type { PlannedAttempt } from '../model/steps.ts';
import { settle } from '../plan/settle.ts';
import { SENDER_KINDS } from '../senders/registry.generated.ts';
import type { Sender } from '../senders/sender.ts';
import { createFile } from '../store/create-file.ts';
import { Publisher } from '../store/publish.ts';
import { quarantine } from '../store/quarantine.ts';
import { addEvidence } from './evidence.ts';
import { secretResolver, thisOwner } from './host.ts';
import { type Senses, sensesOf } from './senses.ts';
import type { Workspace } from './workspace.ts';

const OPERATOR_FILE_MODE = 0o644;

export interface LiveApplier {
  applier: Applier;
  senses: Senses;
  /** Lets go of the connections that senders keep open, and leaves what was learned to the next process. */
  close(): void;
}

/** The applier with real senders, real disk and real time; `lasting` if it is for more than one pass. */
export function liveApplier(workspace: Workspace, clock: () => number, lasting = false): LiveApplier {
  const { layout } = workspace;
  const senders = new SenderPool(workspace);
  const publisher = new Publisher(layout, thisOwner().nonce);
  const record = ({ notice, number, sender, handoff }: PlannedAttempt) => ({ notice, number, sender, handoff: handoff.link });
  const applier: Applier = {
    publisher,
    senderFor: senders.senderFor,
    clock,
    settle: (attempt, outcome) => settle(record(attempt), outcome, clock()),
    recordBeside(attempt: PlannedAttempt, outcome: Outcome, receipt) {
      const [evidence] = receipt.document.evidence;
      if (outcome.kind === 'proved' && evidence) addEvidence(layout, publisher, attempt.notice.name, evidence, attempt.handoff.link, clock());
    },
    quarantine: (file) => quarantine(layout, file, clock()),
  };
  const senses = sensesOf(workspace, lasting);
  const close = (): void => {
    senders.close();
    senses.watchdog.remember(null);
  };
  return { applier, senses, close };
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
