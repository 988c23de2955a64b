import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { isErrno, RgovError } from '../model/errors.ts';
import { packageRoot } from './locate.ts';

export interface InitReport {
  root: string;
  /** True if the workspace is the current folder. */
  here: boolean;
  /** Paths below the workspace. */
  created: string[];
  kept: string[];
}

/** Documents that a workspace starts with: copies, so that the operator owns and edits them. */
const DOCUMENTS = ['policy/unattended-work.yaml', 'profiles/local-file.yaml', 'bindings/default.yaml'];

const GITIGNORE = `# The machine's own: caches, temporary files and the doorbell. Everything else under state/ is the audit trail.
/.cache/
/state/.tmp/
/state/.owners/
/state/.sealing*
/state/.rates/
/state/.cache/
/state/.pass.json*
/state/.bell
# Drops on their way in; what was accepted of them becomes events.
/state/inbox/
`;

/** Makes a working workspace; what is there already is kept. */
export function init(dir: string): InitReport {
  const root = resolve(dir);
  const report: InitReport = { root, here: root === process.cwd(), created: [], kept: [] };
  const source = packageRoot();
  if (root === source) throw new RgovError('usage', `${root} is this package itself, and a workspace already`, { hint: 'rgov init my-workspace' });
  const schemas = readdirSync(join(source, 'schemas')).map((name) => `schemas/${name}`);
  for (const path of [...DOCUMENTS, ...schemas]) put(root, path, readFileSync(join(source, path), 'utf8'), report);
  put(root, '.gitignore', GITIGNORE, report);
  return report;
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
