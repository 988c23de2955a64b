import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

// Pages show what commands print. A block that follows `<!-- checked: PLACE -->` is run here, and what it prints must be
// what the page says, but for times and hashes. PLACE is `a new workspace` or a folder of this repository.

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
// A block that follows `<!-- checked file: PATH -->` is put at the end of that file of the workspace.
const BLOCK = /<!-- checked( file)?: (.+?) -->\s*```(?:console|yaml)\n([\s\S]*?)```/g;

interface Command {
  command: string;
  output: string;
}

function commandsOf(block: string): Command[] {
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [first = '', ...lines] = part.split('\n');
      // As in a shell, a line that begins with `> ` goes on with the command.
      const end = lines.findIndex((line) => !line.startsWith('> '));
      const command = [first, ...lines.slice(0, end).map((line) => line.slice(2))].join('\n');
      return { command, output: lines.slice(end).join('\n').trimEnd() };
    });
}

/** Times, hashes and lengths of time differ from run to run; their form does not. */
const normal = (text: string): string =>
  text
    .replace(/\d{8}T\d{6}\.\d{3}Z/g, 'TIME')
    .replace(/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z/g, 'TIME')
    .replace(/\d{4}-\d{2}-\d{2}/g, 'DAY')
    .replace(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g, 'SHA256')
    .replace(/(?<![0-9a-f])[0-9a-f]{12}(?![0-9a-f])/g, 'HASH')
    .replace(/\b\d+(ms|[smhd])\b/g, 'LENGTH')
    .replace(/\b\d+(\.\d)? (B|[KM]iB)\b/g, 'SIZE')
    .trimEnd();

function run(commands: readonly Command[], folder: string, exact: boolean): void {
  const path = `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`;
  for (const { command, output } of commands) {
    const script = `rgov() { node ${JSON.stringify(join(root, 'dist/rgov.cjs'))} "$@"; }\n${command}`;
    const result = spawnSync('bash', ['-c', `${script} 2>&1`], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: path, HOME: folder, TZ: 'UTC', LC_ALL: 'C' },
    });
    if (exact) expect(result.stdout.trimEnd(), command).toBe(output);
    else expect(normal(result.stdout), command).toBe(normal(output));
  }
}

describe.each([
  'README.md',
  'docs/expectations.md',
  'docs/evidence.md',
  'docs/try-it.md',
  'docs/archive.md',
  'docs/git.md',
  'docs/verify.md',
  'examples/webhook/WALK.md',
])('%s', (page) => {
  const blocks = [...readFileSync(join(root, page), 'utf8').matchAll(BLOCK)];

  it('has blocks that are checked', () => expect(blocks.length).toBeGreaterThan(0));

  it('shows what the commands print', () => {
    const workspace = mkdtempSync(join(tmpdir(), 'rgov-docs-'));
    try {
      spawnSync('node', [join(root, 'dist/rgov.cjs'), 'init', '.'], { cwd: workspace });
      cpSync(join(root, 'examples/webhook'), join(workspace, 'example'), { recursive: true });
      for (const [, isFile, place, block] of blocks) {
        if (isFile) {
          appendFileSync(join(workspace, place as string), block as string);
          continue;
        }
        const fresh = place === 'a new workspace';
        run(commandsOf(block as string), fresh ? workspace : join(workspace, 'example'), !fresh);
      }
    } finally {
      rmSync(workspace, { recursive: true, force: true });
    }
  });
});
