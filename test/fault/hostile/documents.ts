import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { THINGS } from '../../support/hostile-things.ts';
import { ESCAPES, type Hostile } from './input.ts';

const apiVersion = 'reporting-governance/v1';
const PACK = 'policy/unattended-work.yaml';
const BINDING = 'bindings/default.yaml';
/** What uses the documents, if they are taken at all. */
const USE = [['validate'], ['reconcile']];

const policy = (spec: object): string => JSON.stringify({ apiVersion, kind: 'PolicyPack', metadata: { name: 'unattended-work' }, spec });
const rule = (parts: object): string => policy({ notify: [{ id: 'r', when: 'true', target: 'operator', ...parts }] });
const binding = (parts: object): string =>
  JSON.stringify({
    apiVersion,
    kind: 'RuntimeBinding',
    metadata: { name: 'default' },
    spec: { profile: 'local-file', state: 'state', targets: { operator: { sender: 'file', address: './inbox' } }, ...parts },
  });

const document = (name: string, content: string | Uint8Array, parts: Partial<Hostile> = {}, path = PACK): Hostile => ({
  door: 'documents',
  name,
  prepare: (arena) => arena.write(path, content),
  commands: USE,
  ...parts,
});
const refused = (name: string, content: string | Uint8Array, path = PACK): Hostile =>
  document(name, content, { codes: [2], commands: [['validate']] }, path);

const laughs = (levels: number, width: number): string =>
  `a0: &a0 [lol]\n${Array.from({ length: levels }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(width).fill(`*a${i}`).join(', ')}]`).join('\n')}\n`;

const YAML: Hostile[] = [
  refused('a billion laughs', laughs(9, 9)),
  refused('a billion laughs in a mapping', laughs(9, 9).replace(/\[/g, '{x: [').replace(/\]/g, ']}')),
  refused('laughs beside a good document', `${rule({})}\n---\n${laughs(12, 12)}`),
  refused('an alias to itself', 'a: &a [*a]\n'),
  refused('an alias to nothing', 'a: *nothing\n'),
  refused('merge keys that multiply', `base: &b {x: 1}\n${'<<: *b\n'.repeat(1000)}`),
  refused('100,000 anchors', Array.from({ length: 100_000 }, (_, i) => `- &a${i} x`).join('\n')),
  refused('a tag of JavaScript', 'a: !!js/function "function () { process.exit(99) }"\n'),
  refused('a tag of Python', 'a: !!python/object/apply:os.system ["touch owned"]\n'),
  refused("a tag of one's own", 'a: !<tag:owned> x\n'),
  refused('a binary value', 'a: !!binary AAAA\n'),
  refused('a set and an ordered map', 'a: !!set {x}\nb: !!omap [{a: 1}]\n'),
  refused('a directive of another version', '%YAML 9.9\n---\na: 1\n'),
  refused('50,000 brackets', '['.repeat(50_000)),
  refused('50,000 braces', '{a: '.repeat(50_000)),
  refused('blocks 5,000 deep', Array.from({ length: 5000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')),
  refused('sequences 3,000 deep', `${'- '.repeat(3000)}x`),
  refused('20,000 documents', '---\n'.repeat(20_000)),
  refused('100,000 keys', Array.from({ length: 100_000 }, (_, i) => `k${i}: 1`).join('\n')),
  refused('a key that stands twice', 'kind: PolicyPack\nkind: Profile\n'),
  refused('16 MB of spaces', Buffer.alloc(16 * 1024 * 1024, 0x20)),
  refused('16 MB of one letter', Buffer.alloc(16 * 1024 * 1024, 0x61)),
  refused('NULs', Buffer.alloc(5000)),
  refused('UTF-16', Buffer.from(`\ufeff${rule({})}`, 'utf16le')),
  refused('bytes that are no UTF-8', Buffer.from([0x61, 0x3a, 0x20, 0xff, 0xfe, 0xfd])),
  refused('tabs where spaces belong', 'a:\n\tb: 1\n'),
  refused('carriage returns alone', 'a: 1\rb: 2\r'),
  refused('nothing but a comment of 1 MB', `#${'x'.repeat(1024 * 1024)}`.replace('#', 'x #')),
  refused('a string without end', 'a: "x'),
  refused('a key of 1 MB', `? ${'k'.repeat(1024 * 1024)}\n: 1\n`),
  refused('a mapping as a key', '? {a: 1}\n: 1\n'),
  refused('escapes of terminals in raw bytes', `kind: "${ESCAPES}"\n`),
  refused("escapes of terminals in YAML's own words", 'kind: "\\e[2J\\e]0;owned\\a\\x9b2J\\u202e"\n'),
  refused(
    'escapes of terminals in an unknown key',
    JSON.stringify({ apiVersion, kind: 'PolicyPack', metadata: { name: 'unattended-work' }, spec: { [ESCAPES]: 1 } }),
  ),
  refused('a line of 1 MB with a mistake at its end', `a: [${'1, '.repeat(300_000)}}`),
];

const POLLUTING = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];
const PROTOTYPES: Hostile[] = [
  ...POLLUTING.map((key) =>
    refused(
      `a key ${key} at the top`,
      `{"apiVersion":"${apiVersion}","kind":"PolicyPack","metadata":{"name":"unattended-work"},"spec":{"notify":[]},"${key}":{"polluted":true}}`,
    ),
  ),
  ...POLLUTING.map((key) => refused(`a key ${key} in a rule`, rule({}).replace('"id":"r"', `"id":"r","${key}":{"polluted":true}`))),
  ...POLLUTING.map((key) =>
    document(
      `a target called ${key}`,
      `{"apiVersion":"${apiVersion}","kind":"RuntimeBinding","metadata":{"name":"default"},"spec":{"profile":"local-file","state":"state","targets":{"operator":{"sender":"file","address":"./inbox"},"${key}":{"sender":"file","address":"./inbox"}}}}`,
      {},
      BINDING,
    ),
  ),
  ...POLLUTING.map((key) =>
    document(
      `a sender called ${key}`,
      `{"apiVersion":"${apiVersion}","kind":"RuntimeBinding","metadata":{"name":"default"},"spec":{"profile":"local-file","state":"state","targets":{"operator":{"sender":"${key}","address":"./inbox"}},"senders":{"${key}":{"use":"file"}}}}`,
      {},
      BINDING,
    ),
  ),
  ...POLLUTING.map((key) =>
    document(`a kind called ${key}`, JSON.stringify({ apiVersion, kind: key, metadata: { name: 'x' }, spec: {} }), { codes: [2] }),
  ),
  refused('a merge key of __proto__', '<<: {__proto__: {polluted: true}}\n'),
  refused(
    'settings of a sender with __proto__',
    `{"apiVersion":"${apiVersion}","kind":"RuntimeBinding","metadata":{"name":"default"},"spec":{"profile":"local-file","state":"state","targets":{"operator":{"sender":"f"}},"senders":{"f":{"use":"file","with":{"__proto__":{"polluted":true}}}}}}`,
    BINDING,
  ),
];

const NUMBERS: Hostile[] = [
  '1e999',
  '.inf',
  '-.inf',
  '.nan',
  '9'.repeat(400),
  '-1',
  '0',
  '1.5',
  '0x7fffffffffffffff',
  '0o777',
  '1_000',
  '"16"',
  'null',
  '[]',
  '{}',
  '18446744073709551616',
].map((number) =>
  document(
    `concurrency: ${number.slice(0, 30)}`,
    `apiVersion: ${apiVersion}\nkind: RuntimeBinding\nmetadata: {name: default}\nspec:\n  profile: local-file\n  state: state\n  targets: {operator: {sender: f, address: ./inbox}}\n  senders: {f: {use: file, concurrency: ${number}}}\n`,
    { codes: [2] },
    BINDING,
  ),
);

const DURATIONS: Hostile[] = [
  '99999999999999999999d',
  '-1h',
  '1e9h',
  '',
  '0s',
  '1h1h',
  ' 1h',
  '\u0663h',
  '1.5h',
  'PT1H',
  '1h\n',
  `${'1'.repeat(10_000)}s`,
  '1y',
  '1d'.repeat(1000),
].map((within) => document(`within: ${JSON.stringify(within).slice(0, 30)}`, rule({ within })));

const nested = (depth: number): string => `${'('.repeat(depth)}true${')'.repeat(depth)}`;
const LIST = `[${Array.from({ length: 100 }, (_, i) => i).join(', ')}]`;
const CONDITIONS: Record<string, string> = {
  '10,000 brackets': nested(10_000),
  '300 brackets': nested(300),
  '100,000 negations': `${'!'.repeat(100_000)}true`,
  '20,000 alternatives': Array(20_000).fill('event.type == "x"').join(' || '),
  '5,000 choices in each other': `${'true ? '.repeat(5000)}true${' : true'.repeat(5000)}`,
  '1 MB of a string': `event.type == "${'x'.repeat(1024 * 1024)}"`,
  'a string that grows': Array.from({ length: 12 }, () => '(event.type + event.type)')
    .join(' + ')
    .replace(/$/, ' == "x"'),
  'lists over lists over lists': `${LIST}.all(a, ${LIST}.all(b, ${LIST}.all(c, ${LIST}.all(d, a + b + c + d >= 0))))`,
  'maps over maps over maps': `size(${LIST}.map(a, ${LIST}.map(b, ${LIST}.map(c, ${LIST}.map(d, [a, b, c, d]))))) > 0`,
  'filters over filters': `${LIST}.filter(a, ${LIST}.exists(b, ${LIST}.exists(c, ${LIST}.exists_one(d, a == b && c == d)))).size() == 0`,
  'a pattern (a+)+$': 'event.subject.matches("^(a+)+$")',
  'a pattern (.*)*x': 'event.subject.matches("(.*)*(.*)*(.*)*x")',
  'a pattern of repetitions': 'event.subject.matches("((((a{1,1000}){1,1000}){1,1000}){1,1000})")',
  'a pattern that looks ahead': 'event.subject.matches("(?=a)(?!b)(?<=c)")',
  'a pattern that refers back': 'event.subject.matches("(a)\\\\1+")',
  'a pattern without end': 'event.subject.matches("(((")',
  'a pattern of classes': `event.subject.matches("[${'a-z'.repeat(10_000)}]")`,
  'a pattern of alternatives': `event.subject.matches("${'a?'.repeat(5000)}${'a'.repeat(5000)}")`,
  'a division by nothing': '1 / 0 == 1',
  'an integer beyond 64 bits': '9223372036854775807 + 1 > 0',
  'an integer that nobody can read': `${'9'.repeat(10_000)} > 0`,
  'an index that is not there': '[1][99] == 1',
  'an index below nothing': '[1][-1] == 1',
  'a key of nothing': 'event.nothing.at.all == "x"',
  'the prototype of the event': 'event.__proto__.polluted == "x"',
  'the constructor of the event': 'event.constructor.constructor("return process")().exit(99) == 1',
  'the constructor of a string': '"".constructor == "x"',
  'a call of nothing': 'system("touch owned")',
  'a conversion of nothing': 'int("x") == 1',
  'a moment that is none': 'timestamp("nonsense") < timestamp("2026-02-31T99:99:99Z")',
  'a length of time that is none': 'duration("99999999999999999h") > duration("-1ns")',
  'a number instead of an answer': '1',
  nothing: '   ',
  'a comment': '// true',
  'an escape sequence': '"\u001b[2J" == event.type && nothing',
  'NUL and beyond': '"\\u0000\\U0010ffff" == event.type',
  bytes: 'b"\\xff" == b"\\377"',
  'a type': 'type(type(1)) == type',
  'macros without arguments': '[].all() || has() || [].map(1, 2, 3, 4)',
  'a variable of a macro called event': '[1].all(event, event == 1)',
};

const TIMES: Record<string, string> = {
  'that never comes': '0 0 30 2 *',
  'that comes once in many years': '0 0 29 2 1',
  'of seven fields': '* * * * * * *',
  'out of range': '99 99 99 99 99',
  'with a step of nothing': '*/0 * * * *',
  'with a step of 1e9': '*/1000000000 * * * *',
  backwards: '59-0 * * * *',
  'of 100,000 moments': `${Array(50_000).fill('1').join(',')} * * * *`,
  'of each second': '* * * * * *',
  'at start': '@reboot',
  'in words': '@every 1s',
  'with letters': 'L W # ? *',
  'with a negative': '-1 * * * *',
  'with a newline': '0 0 * * *\n* * * * *',
  'with an escape sequence': '\u001b[2J 0 * * *',
  'of 1 MB': '*'.repeat(1024 * 1024),
  'of nothing': '',
};
const ZONES = [
  '../../etc/passwd',
  '/etc/localtime',
  'Etc/Nowhere',
  'UTC\n',
  '',
  '\u001b[2J',
  'x'.repeat(100_000),
  '__proto__',
  '+99:99',
  'europe/berlin',
];
const expecting = (schedule: object, parts: object = {}): string =>
  policy({ expect: [{ id: 'e', subject: 'job/x', schedule, ...parts }], notify: [] });

const GLOBS = [
  `${'**/'.repeat(500)}x`,
  `${'*a'.repeat(200)}b`,
  `${'{a,b}'.repeat(40)}`,
  '[',
  '[z-a]',
  '!(!(a))',
  '../../*',
  '/etc/*',
  '\u001b[2J',
  '',
  '*'.repeat(10_000),
  '__proto__',
  '\ud800',
];

const PATHS = [
  '../outside',
  '../../../../etc',
  '/dev/null',
  '/dev/zero',
  '/proc/self/fd',
  '/proc',
  '',
  '.',
  '..',
  'a/../..',
  'x'.repeat(300),
  'x/'.repeat(400),
  'a\u0000b',
  'a\nb\u001b[2J',
  '~',
  '$HOME',
  '-rf',
  'con:',
  '\\\\server\\share',
];

const links: Hostile[] = [
  ...THINGS.map(
    (thing): Hostile => ({
      door: 'documents',
      name: `${thing.name} as a policy`,
      prepare: (arena) => thing.put(join(arena.root, 'policy/more.yaml')),
      commands: [['validate']],
    }),
  ),
  {
    door: 'documents',
    name: 'a folder of policies that leads to itself',
    prepare: ({ root }) => symlinkSync('.', join(root, 'policy/loop')),
    commands: USE,
  },
  {
    door: 'documents',
    name: 'a folder of policies that leads to /',
    prepare: ({ root }) => symlinkSync('/', join(root, 'policy/everything')),
    commands: [['validate']],
  },
  {
    door: 'documents',
    name: 'a folder of policies that leads to /proc',
    prepare: (arena) => arena.link('policy', '/proc/self'),
    commands: [['validate']],
  },
];

/** Everything that can be declared. */
export const DOCUMENTS: readonly Hostile[] = [
  ...YAML,
  ...PROTOTYPES,
  ...NUMBERS,
  ...DURATIONS,
  ...links,
  ...Object.entries(CONDITIONS).map(([name, when]) => document(`a condition: ${name}`, rule({ when }))),
  ...Object.entries(TIMES).map(([name, cron]) => document(`a schedule ${name}`, expecting({ cron }))),
  ...ZONES.map((timezone) => document(`a time zone ${JSON.stringify(timezone).slice(0, 30)}`, expecting({ cron: '0 3 * * *', timezone }))),
  ...GLOBS.map((subject) =>
    document(`subjects ${JSON.stringify(subject).slice(0, 30)}`, policy({ expect: [{ id: 'e', subject, every: '1h' }], notify: [] })),
  ),
  ...GLOBS.map((path) => document(`an output ${JSON.stringify(path).slice(0, 30)}`, expecting({ cron: '0 3 * * *' }, { produces: { path } }))),
  ...PATHS.map((state) =>
    document(`a state at ${JSON.stringify(state).slice(0, 30)}`, binding({ state }), { commands: [['validate'], ['status']] }, BINDING),
  ),
  ...[ESCAPES, '../../x', '\u001b[2J', 'a\nb', '', 'x'.repeat(100_000), '__proto__', '\u202egnp.exe'].flatMap((name) => [
    refused(
      `a pack called ${JSON.stringify(name).slice(0, 30)}`,
      JSON.stringify({ apiVersion, kind: 'PolicyPack', metadata: { name }, spec: { notify: [] } }),
      'policy/more.yaml',
    ),
    document(
      `a reason ${JSON.stringify(name).slice(0, 30)}`,
      rule({ reason: name, dedupe: { key: `event.subject + ${JSON.stringify(name)}`, window: '1h' } }),
    ),
  ]),
];
