import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explain } from '../../src/run/explain.ts';
import { init } from '../../src/run/init.ts';
import { report } from '../../src/run/intake.ts';
import { reconcile } from '../../src/run/reconcile.ts';
import { namesBelow } from '../support/hostile-things.ts';

/** A workspace with declared documents and real senders, driven through the functions that the commands call. */
export class Deployment {
  readonly root: string;
  readonly options: { workspace: string };
  readonly #origin: string;

  constructor(origin: string) {
    this.root = mkdtempSync(join(tmpdir(), 'rgov-confirm-'));
    this.options = { workspace: this.root };
    this.#origin = origin;
    init(this.root);
    this.bind('hook', `{ use: webhook, with: { url: "${origin}/hook", allowHosts: [127.0.0.1] } }`);
  }

  /** To another system, which takes the open handoffs from here. */
  bindExternally(): void {
    this.bind('upper', '{ use: external, with: { system: gateway } }');
  }

  bind(sender: string, binding: string, more = ''): void {
    const text = `apiVersion: reporting-governance/v1
kind: RuntimeBinding
metadata: { name: default }
spec:
  profile: webhook
  state: state
  targets: { operator: { sender: ${sender}, address: "room/7" } }
  senders: { ${sender}: ${binding} }
${more}`;
    writeFileSync(join(this.root, 'bindings', 'default.yaml'), text);
  }

  get origin(): string {
    return this.#origin;
  }

  async fail(id: string): Promise<void> {
    await report({ ...this.options, word: 'failed', subject: `job/${id}`, id, data: {} });
    await this.reconcile();
  }

  reconcile(): ReturnType<typeof reconcile> {
    return reconcile(this.options);
  }

  paths(): string[] {
    return namesBelow(join(this.root, 'state'))
      .filter((path) => !path.startsWith('.'))
      .sort();
  }

  names(): string[] {
    return this.paths().flatMap((path) => /^queue\/[^/]+\/(.+)\.json$/.exec(path)?.[1] ?? []);
  }

  /** The first notice. */
  name(): string {
    return this.names()[0] ?? '';
  }

  revisions(name = this.name()): string[] {
    return this.paths().flatMap((path) =>
      path.startsWith('receipts/') && path.includes(`/${name}.`) ? [path.slice(path.indexOf(name) + name.length + 1, -'.json'.length)] : [],
    );
  }

  async faults(): Promise<string[]> {
    return (await explain(this.options, this.name())).faults;
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
