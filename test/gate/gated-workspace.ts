import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliWorkspace } from '../support/cli-workspace.ts';

const POLICY = 'policy/unattended-work.yaml';
const PROFILE = 'profiles/local-file.yaml';

/** A workspace in posture enforce with a gate before `action` that opens once a human knows of every error. */
export class GatedWorkspace extends CliWorkspace {
  constructor(action = 'action == "deploy"') {
    super();
    this.edit(
      POLICY,
      (text) => `${text.trimEnd()}
  gates:
    - id: no-deploy-while-unheard
      reason: Nobody deploys while a failure has reached nobody.
      action: '${action.replaceAll("'", "''")}'
      requires: { notices: "severity >= 'error'", evidence: acknowledged, within: 24h }
`,
    );
    this.posture('enforce');
  }

  edit(path: string, change: (text: string) => string): void {
    const file = join(this.root, path);
    writeFileSync(file, change(readFileSync(file, 'utf8')));
  }

  editPolicy(change: (text: string) => string): void {
    this.edit(POLICY, change);
  }

  posture(name: string): void {
    this.edit(PROFILE, (text) => text.replace(/posture: \w+/, `posture: ${name}`));
  }

  fail(subject = 'job/x'): void {
    this.run(['report', 'failed', '-s', subject]);
  }

  reconcile(): void {
    this.run(['reconcile']);
  }

  /** The first notice there is; empty without one. */
  notice(): string {
    const days = readdirSync(join(this.state, 'queue')).flatMap((day) => readdirSync(join(this.state, 'queue', day)));
    return days[0]?.replace('.json', '') ?? '';
  }
}
