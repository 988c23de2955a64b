import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { brief, here, load, workspaceWith } from './support.ts';

// Each file of bad/ says in its last lines where it lies and what is wrong with it.
const cases = readdirSync(join(here, 'bad')).map((name) => {
  const text = readFileSync(join(here, 'bad', name), 'utf8');
  const place = /^# place: (.*)$/m.exec(text)?.[1] ?? '';
  const expected = [...text.matchAll(/^# expect: (.*)$/gm)].map(([, line = '']) => (/^\d/.test(line) ? `${place} ${line}` : line));
  return { name: name.replace('.txt', ''), text, place, expected };
});

describe('a bad document', () => {
  it.each(cases)('$name', async ({ text, place, expected }) => {
    const loaded = await load(workspaceWith({ [place]: text }));
    expect(brief(loaded)).toEqual(expected);
    expect(loaded.catalog).toBeNull();
    for (const problem of loaded.problems) {
      expect(JSON.stringify(problem)).not.toMatch(/hunter2/);
      expect(problem.message).not.toMatch(/\n|\.$/);
      if (problem.line > 0 && problem.code !== 'secret_in_clear' && !text.includes('hunter2') && problem.file === place) {
        expect(problem.sourceLine).toBe(text.split('\n')[problem.line - 1]?.replaceAll('\0', '\ufffd'));
      }
    }
  });

  it('never hides the problems of another', async () => {
    const overlay = (wanted: string): Record<string, string> =>
      Object.fromEntries(cases.filter(({ place }) => place === wanted).map(({ text }, index) => [`policy/case-${index}.yaml`, text]));
    const loaded = await load(workspaceWith(overlay('policy/extra.yaml')));
    const wanted = cases.filter(({ place }) => place === 'policy/extra.yaml');
    for (const [index, { expected }] of wanted.entries()) {
      const found = brief(loaded).filter((line) => line.startsWith(`policy/case-${index}.yaml `));
      for (const line of expected) expect(found).toContain(line.replace('policy/extra.yaml', `policy/case-${index}.yaml`));
    }
    expect(loaded.problems.map(({ file }) => file)).toEqual(loaded.problems.map(({ file }) => file).sort());
  });
});

describe('messages', () => {
  it('say what was found, what was expected and what was probably meant', async () => {
    const problems = async (name: string): Promise<string[]> => {
      const { text, place } = cases.find((one) => one.name === name) ?? { text: '', place: '' };
      const loaded = await load(workspaceWith({ [place]: text }));
      return loaded.problems.map(({ message, expected }) => `${message} | ${expected}`);
    };
    const all: Record<string, string[]> = {};
    for (const { name } of cases) all[name] = await problems(name);
    expect(all).toMatchSnapshot();
  });
});
