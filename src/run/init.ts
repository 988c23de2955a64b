import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { isErrno, RgovError } from '../model/errors.ts';
import { packageRoot } from './locate.ts';
import { type Start, startFor } from './starts.ts';

export interface InitReport {
  root: string;
  /** True if the workspace is the current folder. */
  here: boolean;
  /** Paths below the workspace. */
  created: string[];
  kept: string[];
  /** Which runtime it was made for; null where that was not asked for. */
  runtime: string | null;
  /** Commands that lead to a first notice from here, in the folder of the workspace. */
  next: string[];
}

const PLAIN_NEXT = ["rgov run --subject job/hello -- sh -c 'echo no space left; exit 3'", 'rgov reconcile', 'rgov status'];

const GITIGNORE = `# The machine's own: caches, temporary files and the doorbell. Everything else under state/ is the audit trail.
/.cache/
/state/.tmp/
/state/.owners/
/state/.sealing*
/state/.rates/
/state/.cache/
/state/.pass.json*
/state/.bell
# Files that the binding names as {file: secrets/NAME}.
/secrets/
# Drops on their way in; what was accepted of them becomes events.
/state/inbox/
`;

/** Makes a working workspace, for one runtime if it is named; what is there already is kept. */
export function init(dir: string, runtime?: string): InitReport {
  const start = runtime === undefined ? null : startFor(runtime);
  const root = resolve(dir);
  const report: InitReport = { root, here: root === process.cwd(), created: [], kept: [], runtime: runtime ?? null, next: start?.next ?? PLAIN_NEXT };
  const source = packageRoot();
  if (root === source) throw new RgovError('usage', `${root} is this package itself, and a workspace already`, { hint: 'rgov init my-workspace' });
  const schemas = readdirSync(join(source, 'schemas')).map((name) => `schemas/${name}`);
  for (const path of [...documentsOf(start), ...schemas]) put(root, path, readFileSync(join(source, path), 'utf8'), report);
  if (start) put(root, 'bindings/default.yaml', start.binding, report);
  put(root, '.gitignore', GITIGNORE, report);
  return report;
}

/** Documents of this package that a workspace starts with: copies, so that the operator owns and edits them. */
function documentsOf(start: Start | null): string[] {
  if (start === null) return ['policy/unattended-work.yaml', 'profiles/local-file.yaml', 'bindings/default.yaml'];
  return [...start.packs.map((pack) => `policy/${pack}.yaml`), `profiles/${start.profile}.yaml`];
}

function put(root: string, path: string, text: string, report: InitReport): void {
  const file = join(root, path);
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: 'wx' });
    report.created.push(relative(root, file));
  } catch (error) {
    if (isErrno(error, 'EEXIST') && existsSync(file)) {
      report.kept.push(path);
      return;
    }
    throw new RgovError('state_io', `cannot write ${file}: ${isErrno(error) ? error.message : String(error)}`, { cause: error });
  }
}
