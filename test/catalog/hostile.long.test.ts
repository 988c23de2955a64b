import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { brief, load, makePipe, workspaceWith } from './support.ts';

const MIB = 1024 * 1024;
const name = 'policy/hostile.yaml';

/** What is wrong with a workspace that holds this file. */
async function codesOf(content: string | Uint8Array): Promise<string[]> {
  const loaded = await load(workspaceWith({ [name]: content }));
  expect(loaded.problems.every((problem) => problem.file === name)).toBe(true);
  expect(loaded.problems.every((problem) => problem.sourceLine.length <= 200 && problem.message.length <= 500)).toBe(true);
  return [...new Set(loaded.problems.map(({ code }) => code))];
}

describe('hostile YAML', () => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
    .split('')
    .map((key, index) => `${key}: &${key} [${`*${'abcdefghi'[index]},`.repeat(9)}]\n`)
    .join('')}`;

  it.each([
    ['an alias bomb', bomb, ['too_complex']],
    ['an alias of itself', 'a: &a [*a]\n', ['too_complex']],
    ['deep brackets', '['.repeat(MIB), ['too_complex']],
    ['deep maps', '{a: '.repeat(MIB / 4), ['too_complex']],
    ['deep lists', '- '.repeat(MIB / 2), ['too_complex']],
    ['deep keys', '? '.repeat(MIB / 2), ['too_complex']],
    ['deep indentation', Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'), ['too_complex']],
    ['forty levels', `${'['.repeat(40)}${']'.repeat(40)}`, ['too_complex']],
    ['many keys', Array.from({ length: 90_000 }, (_, i) => `k${i}: 1`).join('\n'), ['too_complex']],
    ['many documents', '---\n'.repeat(MIB / 4), ['too_complex']],
    ['many commas', `[${','.repeat(MIB - 1)}`, ['too_complex']],
    ['fewer commas', `[${','.repeat(90_000)}`, ['yaml_syntax']],
    ['many errors', 'a: ]\n'.repeat(15_000), ['yaml_syntax']],
    ['an endless quote', `a: "${'\\'.repeat(MIB - 10)}`, ['yaml_syntax']],
    ['a duplicate key', 'a: 1\na: 2\n', ['duplicate_key']],
    ['a key of the prototype', 'a: {"__proto__": {x: 1}}\n', ['forbidden_key']],
    ['a key that is no text', '? [a]\n: b\n', ['yaml_syntax']],
    ['NUL', 'a: b\0c\n', ['control_character']],
    ['an escape of the terminal', 'a: \u001b[31mred\n', ['control_character']],
    ['UTF-16', Buffer.from('\ufeffkind: PolicyPack\n', 'utf16le'), ['not_utf8']],
    ['bytes that are no UTF-8', Buffer.from([0x61, 0x3a, 0x20, 0xc3, 0x28]), ['not_utf8']],
    ['two mebibytes', Buffer.alloc(2 * MIB, '#'), ['too_large']],
    ['a number without end', `a: ${'9'.repeat(400)}\n`, ['not_finite']],
    ['words that look like the beginning of secrets', `kind: ${'eyJ-sk-SG.'.repeat(100_000)}\n`, ['unknown_kind']],
    ['many unknown keys', `{kind: PolicyPack, ${Array.from({ length: 14_000 }, (_, i) => `k${i}: 1`).join(',')}}`, ['missing_key', 'unknown_key']],
    [
      'many names',
      `{kind: Profile, spec: {policy: [${Array.from({ length: 18_000 }, (_, i) => `k${i}`).join(',')}]}}`,
      ['missing_key', 'wrong_value'],
    ],
    ['a long line', `kind: "${'x'.repeat(MIB - 100)}"\n`, ['unknown_kind']],
  ])('%s', async (_, content, codes) => {
    expect(await codesOf(content)).toEqual(codes);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  it.each([['nothing'], ['# a comment\n'], ['---\n---\n...\n'], ['\ufeff# a mark of byte order\n']])(
    '%j declares nothing, and that is said',
    async (text) => {
      expect(await codesOf(text === 'nothing' ? '' : text)).toEqual(['not_a_document']);
    },
  );

  it('is read up to the last digit of its position', async () => {
    const loaded = await load(workspaceWith({ [name]: '\ufeff# ä\r\nkind: "PolicyPäck"\r\n' }));
    expect(brief(loaded)).toEqual([`${name} 2:7 unknown_kind -> PolicyPack`]);
    expect(loaded.problems[0]?.sourceLine).toBe('kind: "PolicyPäck"');
  });
});

describe('what is no file', () => {
  it('never holds anybody up', async () => {
    const roots = workspaceWith();
    const policy = join(roots.workspace, 'policy');
    makePipe(join(policy, 'pipe.yaml'));
    mkdirSync(join(policy, 'folder.yaml'));
    symlinkSync('loop.yaml', join(policy, 'loop.yaml'));
    symlinkSync('nowhere', join(policy, 'dangling.yaml'));
    symlinkSync('/dev/zero', join(policy, 'device.yaml'));
    symlinkSync('..', join(policy, 'up'));
    symlinkSync('..', join(policy, 'up.yaml'));
    expect(brief(await load(roots))).toEqual([
      'policy/dangling.yaml 0:0 unreadable',
      'policy/device.yaml 0:0 not_a_file',
      'policy/folder.yaml 0:0 not_a_file',
      'policy/loop.yaml 0:0 unreadable',
      'policy/pipe.yaml 0:0 not_a_file',
      'policy/up 0:0 symlinked_folder',
      'policy/up.yaml 0:0 not_a_file',
    ]);
  });

  it('is told of where a whole folder is a link', async () => {
    const roots = workspaceWith();
    rmSync(join(roots.workspace, 'policy'), { recursive: true });
    symlinkSync('profiles', join(roots.workspace, 'policy'));
    expect(brief(await load(roots))).toContain('policy 0:0 symlinked_folder');
  });

  it('is told of where nobody may read it', async () => {
    if (process.getuid?.() === 0) return;
    const roots = workspaceWith({ [name]: 'kind: PolicyPack\n' });
    chmodSync(join(roots.workspace, name), 0);
    expect(brief(await load(roots))).toEqual([`${name} 0:0 unreadable`]);
  });

  it('may be a workspace without any of the folders', async () => {
    const { workspace, packageRoot } = workspaceWith();
    rmSync(workspace, { recursive: true });
    expect(brief(await load({ workspace, packageRoot }))).toEqual(['bindings 0:0 no_binding']);
  });
});
