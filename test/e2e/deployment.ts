import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Event, Receipt } from '../../src/model/artifacts.ts';
import { PROGRAM } from '../support/cli.ts';
import type { RealOpenClaw } from './real-openclaw.ts';
import { type Ran, run } from './run.ts';

/** A pass is made so often, by OpenClaw itself once it is activated. */
const EVERY = '30s';

const PROFILE = `apiVersion: reporting-governance/v1
kind: Profile
metadata: { name: watched, version: 1.0.0 }
spec:
  posture: enforce
  policy: [unattended-work, nothing-runs-unheard]
  requires: accepted
  binding: { targets: [operator] }
`;
const GATES = `apiVersion: reporting-governance/v1
kind: PolicyPack
metadata: { name: nothing-runs-unheard, version: 1.0.0 }
spec:
  gates:
    - id: no-commands-while-unheard
      reason: No command runs while a failure has reached nobody.
      action: action == "tool" && tool == "exec"
      requires: { notices: "severity >= 'error'", evidence: accepted, within: 24h }
`;

/** A workspace whose operator is reached through Telegram by a real OpenClaw, which it listens to as well. */
export class Deployment {
  readonly root: string;
  readonly #openclaw: RealOpenClaw;

  constructor(openclaw: RealOpenClaw) {
    this.root = join(openclaw.folder, 'reporting');
    this.#openclaw = openclaw;
  }

  async make(): Promise<void> {
    const { argv, env, folder, port, token } = this.#openclaw;
    mkdirSync(join(this.root, 'secrets'), { recursive: true });
    await this.rgov('init');
    // Where the gateway is, without its token.
    const client = join(folder, 'client.json');
    writeFileSync(client, JSON.stringify({ gateway: { mode: 'local', bind: 'loopback', port } }));
    writeFileSync(join(this.root, 'secrets/openclaw'), token, { mode: 0o600 });
    writeFileSync(join(this.root, 'profiles/watched.yaml'), PROFILE);
    writeFileSync(join(this.root, 'policy/nothing-runs-unheard.yaml'), GATES);
    const binding = {
      apiVersion: 'reporting-governance/v1',
      kind: 'RuntimeBinding',
      metadata: { name: 'default' },
      spec: {
        profile: 'watched',
        state: 'state',
        schedule: { every: EVERY, gapAfter: '1h' },
        targets: { operator: { sender: 'claw', address: '555001' } },
        senders: {
          claw: {
            use: 'openclaw',
            with: { argv, channel: 'telegram', token: { file: 'secrets/openclaw' }, env: { ...env, OPENCLAW_CONFIG_PATH: client } },
          },
        },
        sources: {
          openclaw: {
            adapter: 'openclaw',
            command: [...argv, 'tasks', 'list', '--json'],
            every: '20s',
            // On a machine that is busy with something else no answer comes in time now and then.

            timeLimit: '5m',
            failAfter: 30,
            liveness: { url: `http://127.0.0.1:${port}/readyz` },
            allowHosts: ['127.0.0.1'],
          },
        },
      },
    };
    // JSON is YAML, too.
    writeFileSync(join(this.root, 'bindings/default.yaml'), JSON.stringify(binding, null, 2));
    const { code, stdout, stderr } = await this.rgov('validate');
    if (code !== 0) throw new Error(`the workspace is not valid: ${stdout}${stderr}`);
  }

  rgov(...args: string[]): Promise<Ran> {
    return run([process.execPath, PROGRAM, '-C', this.root, ...args], { cwd: this.#openclaw.folder, env: this.#openclaw.env });
  }

  events(): Event[] {
    return this.#documents<Event>('events').map(({ document }) => document);
  }

  /** Of the last notice about this subject: its receipt as it stands; undefined where there is none yet. */
  receiptOf(subject: string): (Receipt & { id: string }) | undefined {
    const notice = this.#documents<{ subject: string }>('queue').findLast(({ document }) => document.subject === subject);
    const id = notice?.name.replace('.json', '') ?? 'none';
    const revisions = this.#documents<Receipt>('receipts').filter(({ name }) => name.startsWith(`${id}.`));
    const last = revisions.sort((a, b) => a.document.revision - b.document.revision).at(-1);
    return last && { ...last.document, id };
  }

  #documents<T>(stage: string): { name: string; document: T }[] {
    const folder = join(this.root, 'state', stage);
    return daysIn(folder)
      .flatMap((day) => readdirSync(join(folder, day)).map((name) => ({ name, path: join(folder, day, name) })))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, path }) => ({ name, document: JSON.parse(readFileSync(path, 'utf8')) as T }));
  }
}

function daysIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
