import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { PolicyPack, RuntimeBinding } from '../../src/model/artifacts.ts';

const apiVersion = 'reporting-governance/v1';

type Senders = NonNullable<RuntimeBinding['spec']['senders']>;
type Targets = RuntimeBinding['spec']['targets'];

/** A folder of documents under which every failed run makes one notice, and nothing else makes any. */
export class BridgeWorkspace {
  readonly root: string;
  readonly state: string;

  /** `parent`: the folder in which it is made. */
  constructor(parent = tmpdir()) {
    this.root = realpathSync(mkdtempSync(join(parent, 'rgov-bridge-')));
    this.state = join(this.root, 'state');
    mkdirSync(join(this.state, 'inbox'), { recursive: true });
    this.rules([{ id: 'failure-is-told', when: 'event.type == "run.failed"', target: 'operator', within: '1d' }]);
    this.posture('notify');
  }

  /** In place of the one rule. */
  rules(notify: NonNullable<PolicyPack['spec']['notify']>): void {
    this.#write('policy', 'PolicyPack', 'bridge', { notify });
  }

  posture(posture: 'observe' | 'notify'): void {
    this.#write('profiles', 'Profile', 'bridge', { posture, policy: ['bridge'], requires: 'accepted', binding: { targets: ['operator'] } });
  }

  bind(senders: Senders, targets: Targets = { operator: { sender: 'hook' } }, more: Partial<RuntimeBinding['spec']> = {}): void {
    this.#write('bindings', 'RuntimeBinding', 'default', { profile: 'bridge', state: 'state', targets, senders, ...more });
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  #write(folder: string, kind: string, name: string, spec: object): void {
    mkdirSync(join(this.root, folder), { recursive: true });
    writeFileSync(join(this.root, folder, `${name}.yaml`), stringify({ apiVersion, kind, metadata: { name }, spec }));
  }
}

/** The settings by which a webhook sender reaches a receiver of the test. */
export const webhookTo = (origin: string): Senders[string] => ({ use: 'webhook', with: { url: `${origin}/hook`, allowHosts: ['127.0.0.1'] } });
