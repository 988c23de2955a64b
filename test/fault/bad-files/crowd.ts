import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { QuarantineNote } from '../../../src/model/artifacts.ts';
import { canonicalEvent } from '../../../src/model/event.ts';
import { eventName, fileName } from '../../../src/model/names.ts';
import { type Publication, publication } from '../../../src/model/publication.ts';
import { slowReceiver } from '../../bridge/receiver.ts';
import { rgovIn } from '../../bridge/running.ts';
import { BridgeWorkspace, webhookTo } from '../../bridge/workspace.ts';
import { isRoot } from '../../support/hostile-things.ts';
import { artifactsOf } from '../../support/watching.ts';
import { LOCKED, leaveFolder, NAMES, SPOILERS, STRANGERS } from './spoilers.ts';

/** How many of each sort there are among the good ones. */
export interface Mixture {
  good: number;
  /** Events that have gone bad under their own names. */
  spoiled: number;
  /** Links, pipes, folders, huge files and the like under names of events. */
  strangers: number;
  /** Under names that belong to no artifact, in every stage. */
  misnamed: number;
  /** Rubbish under names of notices, handoffs and receipts. */
  orphans: number;
  /** Rubbish in place of decisions about good events: what was lost is derived again. */
  undecided: number;
  /** Rubbish in the drop folder. */
  drops: number;
  /** What the user who makes the passes may not read, and folders that they may not move. */
  locked: number;
}

export interface Outcome {
  /** Quarantined for each reason, as the notes say. */
  reasons: Record<string, number>;
  expectedReasons: Record<string, number>;
  /** Files in quarantine that have a note, and files there without one. */
  moved: number;
  withoutNote: number;
  /** Paths that the pass has reported as left where they are. */
  reported: number;
  /** Good events whose message the receiver got, how often all of them together, and whose receipt says acked. */
  received: number;
  requests: number;
  acked: number;
  /** Why other attempts were given up or put off. */
  otherwise: Record<string, number>;
  code: number | string;
  stderr: string;
  /** What a second pass moved, sent and wrote. */
  secondPass: { quarantined: number; requests: number; added: number; reported: number };
}

/** Who makes the passes: root is refused nothing, and would not notice what it may not read. */
const NOBODY = 65534;
const asNobody = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
const MS_BETWEEN = 7;

/** Puts bad files among good ones, makes two passes, and counts what came of each. */
export async function mixed(mixture: Mixture, program: string): Promise<Outcome> {
  const receiver = await slowReceiver(() => 0);
  const crowd = new Crowd(receiver.origin);
  try {
    await crowd.gather(mixture);
    const pass = async () => {
      const ran = await rgovIn(crowd.root, ['reconcile', '--json'], { program, ...asNobody });
      return { ...ran, report: JSON.parse(ran.stdout) as { quarantined: unknown[]; failures: string[] } };
    };
    const first = await pass();
    const requests = receiver.log.length;
    const files = crowd.files();
    const second = await pass();
    return {
      ...crowd.quarantined(),
      otherwise: crowd.otherwise(),
      expectedReasons: crowd.expectedReasons,
      reported: first.report.failures.length,
      received: new Set(receiver.log.map(({ key }) => key)).size,
      requests,
      acked: artifactsOf(crowd.state, 'receipts').filter((path) => path.endsWith('.acked.json')).length,
      code: first.code,
      stderr: first.stderr,
      secondPass: {
        quarantined: second.report.quarantined.length,
        requests: receiver.log.length - requests,
        added: crowd.files() - files,
        reported: second.report.failures.length,
      },
    };
  } finally {
    receiver.close();
    crowd.remove();
  }
}

class Crowd {
  readonly #workspace = new BridgeWorkspace();
  readonly #now_ms = Date.now();
  readonly expectedReasons: Record<string, number> = {};
  #made = 0;

  constructor(origin: string) {
    this.#workspace.bind({ hook: { ...webhookTo(origin), concurrency: 64, timeLimit: '60s' } });
  }

  get root(): string {
    return this.#workspace.root;
  }

  get state(): string {
    return this.#workspace.state;
  }

  async gather({ good, spoiled, strangers, misnamed, orphans, undecided, drops, locked }: Mixture): Promise<void> {
    const goodOnes = Array.from({ length: good }, () => this.#event());
    for (const { link, bytes } of goodOnes) this.#write(link.path, bytes);
    for (let i = 0; i < spoiled; i++) {
      const { link, bytes } = this.#event();
      const spoiler = pick(SPOILERS, i);
      this.#write(link.path, spoiler.spoil(bytes));
      this.#expect(spoiler.reason);
    }
    for (let i = 0; i < strangers; i++) await this.#put(this.#event().link.path, pick(STRANGERS, i));
    for (let i = 0; i < misnamed; i++) {
      const stage = pick(['events', 'decisions', 'queue', 'handoffs', 'receipts'], i);
      const day = this.#event().day;
      this.#write(`${stage}/${day}/${Math.floor(i / 5)}${pick(NAMES, i >> 2)}`, '{}');
      this.#expect('name_invalid');
    }
    for (let i = 0; i < orphans; i++) {
      const { day, file } = this.#event();
      const name = file
        .slice(0, -'.json'.length)
        .replace('_run.failed_', '_failure-is-told_')
        .replace(/_job\.[^_]+_/, '_operator_');
      const [stage, suffix, reason] = pick(
        [
          ['queue', '.json', 'not_json'],
          ['handoffs', '.1.json', 'parent_missing'],
          ['receipts', '.1.acked.json', 'parent_missing'],
        ] as const,
        i,
      );
      this.#write(`${stage}/${day}/${name}${suffix}`, 'rubbish');
      this.#expect(reason);
    }
    for (let i = 0; i < undecided; i++) {
      this.#write((goodOnes[i * 3] as Publication).link.path.replace('events/', 'decisions/'), 'rubbish');
      this.#expect('not_json');
    }
    for (let i = 0; i < drops; i++) await this.#put(`inbox/bad-${i}.json`, pick(STRANGERS, i));
    if (isRoot) execFileSync('chown', ['-hR', `${NOBODY}:${NOBODY}`, this.root]);
    for (let i = 0; i < locked; i++) {
      const { link } = this.#event();
      if (i % 2 === 0) pick(LOCKED, 0).put(join(this.state, link.path));
      else leaveFolder(join(this.state, link.path));
    }
    chmodSync(this.root, 0o700);
  }

  quarantined(): Pick<Outcome, 'reasons' | 'moved' | 'withoutNote'> {
    const names = execFileSync('find', [join(this.state, 'quarantine'), '-mindepth', '2', '-maxdepth', '2'], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    })
      .split('\n')
      .filter(Boolean);
    const notes = names.filter((name) => name.endsWith('.reason.json'));
    const reasons: Record<string, number> = {};
    for (const note of notes) {
      const { reason } = JSON.parse(readFileSync(note, 'utf8')) as QuarantineNote;
      reasons[reason] = (reasons[reason] ?? 0) + 1;
    }
    const noted = new Set(notes.map((name) => name.slice(0, -'.reason.json'.length)));
    const moved = names.filter((name) => noted.has(name)).length;
    return { reasons, moved, withoutNote: names.length - notes.length - moved };
  }

  otherwise(): Record<string, number> {
    const why: Record<string, number> = {};
    const paths = [...artifactsOf(this.state, 'receipts'), ...artifactsOf(this.state, 'handoffs').filter((path) => path.endsWith('.deferred.json'))];
    for (const path of paths.filter((name) => !name.endsWith('.acked.json'))) {
      const { reason, detail } = JSON.parse(readFileSync(join(this.state, path), 'utf8')) as { reason: string; detail: string };
      const text = `${reason}: ${detail.replace(/\d+/g, 'N')}`;
      why[text] = (why[text] ?? 0) + 1;
    }
    return why;
  }

  files(): number {
    return Number(execFileSync('sh', ['-c', 'find "$0" -not -path "*/.*" | wc -l', this.state], { encoding: 'utf8' }));
  }

  remove(): void {
    this.#workspace.remove();
  }

  /** One more event, with its bytes and its name. */
  #event(): Publication<'event'> {
    const n = ++this.#made;
    const draft = {
      source: 'crowd',
      id: String(n),
      type: 'run.failed',
      subject: `job/${n}`,
      time: new Date(this.#now_ms - n * MS_BETWEEN).toISOString(),
      provenance: 'observed',
      data: { summary: 'it failed' },
    } as const;
    const event = canonicalEvent(draft, this.#now_ms);
    const name = eventName(event);
    return publication('event', 'events', name, fileName.event(name), event);
  }

  #write(path: string, content: string | Uint8Array): void {
    const full = join(this.state, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, content);
  }

  async #put(path: string, thing: { put(path: string): void | Promise<void> }): Promise<void> {
    mkdirSync(dirname(join(this.state, path)), { recursive: true });
    await thing.put(join(this.state, path));
  }

  #expect(reason: string): void {
    this.expectedReasons[reason] = (this.expectedReasons[reason] ?? 0) + 1;
  }
}

const pick = <T>(all: readonly T[], i: number): T => all[i % all.length] as T;
