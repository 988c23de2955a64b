import { compileSubjectPattern } from '../../model/glob.ts';
import { SUBJECT_WORDS } from '../../model/subject.ts';
import type { Declarations } from '../declarations.ts';
import type { Declared } from '../document.ts';
import { allExpectations, type DeclaredExpectation, type ExpectationSpec } from '../expectations.ts';
import { rulesIn } from '../pack-rules.ts';
import type { Problem } from '../problem.ts';

type Key = keyof ExpectationSpec;

/** What says when a report is due: one of them. */
const DUES: readonly Key[] = ['schedule', 'every', 'after'];
/** What a key says nothing without: one of those behind it. */
const NEEDS: readonly (readonly [Key, readonly Key[]])[] = [
  ['within', ['after']],
  ['grace', ['schedule', 'every', 'produces']],
  ['early', ['schedule']],
  ['expect', DUES],
  // An output that is missing is missing once and for all: nothing goes on that one could be reminded of.
  ['remind', DUES],
];
/** What `after` says nothing without. */
const AFTER_NEEDS: readonly Key[] = ['within', 'expect'];

/** Keys that do not go together or are missing, subjects that nobody can be, outputs that no file can be, and packs that say nothing. */
export function checkExpectationKeys(declarations: Declarations): Problem[] {
  return [
    ...declarations.all('PolicyPack').flatMap(checkPack),
    ...allExpectations(declarations).flatMap((expectation) => [...checkDue(expectation), ...checkSubject(expectation), ...checkOutput(expectation)]),
  ];
}

function checkPack(pack: Declared<'PolicyPack'>): Problem[] {
  const hasMore = pack.keysAt(['spec']).some((key) => key !== 'eventTypes');
  if (hasMore || rulesIn(pack).length > 0) return [];
  return [
    pack.atKey(['spec'], {
      code: 'missing_key',
      message: 'the pack says nothing: it has neither notify nor expect',
      expected: 'notify, expect or both',
    }),
  ];
}

function checkDue({ document, path, spec }: DeclaredExpectation): Problem[] {
  const keys = document.keysAt(path);
  const dues = DUES.filter((key) => keys.includes(key));
  const second = dues[1];
  if (second !== undefined) {
    return [wrongKey(second, `${dues.join(' and ')} cannot stand side by side`, 'one of schedule, every, after')];
  }
  // A key that is misspelt may be the one that seems to be missing, and it has been reported.
  const misspelt = keys.some((key) => !Object.hasOwn(KEYS, key));
  if (dues.length === 0 && !keys.includes('produces')) {
    const message = `the expectation "${spec.id}" does not say when a report is due`;
    return misspelt ? [] : [wrongKey('id', message, 'one of schedule, every, after, or produces')];
  }
  const missing = misspelt || !keys.includes('after') ? [] : AFTER_NEEDS.filter((key) => !keys.includes(key));
  return [
    ...missing.map((key) =>
      document.atKey([...path, 'after'], {
        code: 'missing_key',
        message: `after has no key "${key}" beside it`,
        expected: key === 'within' ? 'within: a positive duration such as 15m' : 'expect: a list of event types',
      }),
    ),
    ...NEEDS.filter(([key, needed]) => keys.includes(key) && !needed.some((other) => keys.includes(other))).map(([key, needed]) =>
      wrongKey(key, `${key} says nothing without ${needed.join(', ').replace(/, (\w+)$/, ' or $1')}`, expectedBeside(key, needed)),
    ),
  ];

  function wrongKey(key: Key, message: string, expected: string): Problem {
    return document.atKey([...path, key], { code: 'wrong_combination', message, expected });
  }
}

function expectedBeside(key: Key, needed: readonly Key[]): string {
  return needed.length === 1
    ? `${needed[0]} beside it`
    : `one of ${needed.join(', ')} beside it${key === 'remind' ? '; an output is looked for once' : ''}`;
}

const KEYS: Record<Key, true> = {
  id: true,
  reason: true,
  subject: true,
  severity: true,
  schedule: true,
  every: true,
  after: true,
  within: true,
  grace: true,
  early: true,
  expect: true,
  produces: true,
  remind: true,
};

function checkSubject({ document, path, spec }: DeclaredExpectation): Problem[] {
  const compiled = compileSubjectPattern(spec.subject);
  if (compiled.ok) return [];
  return [
    document.at([...path, 'subject'], {
      code: 'bad_subject',
      message: `no subject is called ${JSON.stringify(spec.subject.slice(0, 80))}: ${compiled.message}`,
      expected: `${SUBJECT_WORDS}, or a pattern such as agent/*`,
    }),
  ];
}

function checkOutput({ document, path, spec }: DeclaredExpectation): Problem[] {
  const output = spec.produces?.path;
  if (output === undefined || (output.trim() !== '' && !output.endsWith('/'))) return [];
  return [
    document.at([...path, 'produces', 'path'], {
      code: 'never_met',
      message: output.trim() === '' ? 'path is empty' : 'path names a folder, and only a file can be an output',
      expected: 'a path or a glob of files, such as backups/*.tar.zst',
    }),
  ];
}
