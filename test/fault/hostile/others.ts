import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { THINGS } from '../../support/hostile-things.ts';
import type { Behaviour } from '../../support/loopback-receiver.ts';
import { type Arena, ESCAPES, type Hostile } from './input.ts';

const short = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 40);
const event = (parts: object): string => JSON.stringify({ specversion: '1.0', id: 'e', source: 's', type: 'run.failed', subject: 'job/x', ...parts });

const SUBJECTS = [
  '',
  ' ',
  '.',
  '..',
  '../../etc/passwd',
  'a/../../b',
  '/',
  '//',
  '-rf',
  '--help',
  '__proto__',
  'constructor',
  '*',
  '**',
  'CON',
  'a\tb',
  'a\nb',
  '\u001b[2J',
  ESCAPES,
  '\u202egnp.exe',
  '%2e%2e%2f',
  'x'.repeat(100_000),
  '\ud83d\ude00'.repeat(200),
  '\u200b',
  'a\\b',
  '$(touch owned)',
  '`touch owned`',
  '; touch owned',
  '{{7*7}}',
  '<script>',
];

const ARGUMENTS: Hostile[] = [
  ...SUBJECTS.map(
    (subject): Hostile => ({
      door: 'arguments',
      name: `a subject ${short(subject)}`,
      commands: [['report', 'failed', `--subject=${subject}`], ['reconcile'], ['status']],
    }),
  ),
  ...[ESCAPES, 'x'.repeat(100_000), '', '\u0001'].map(
    (summary): Hostile => ({
      door: 'arguments',
      name: `a summary ${short(summary)}`,
      commands: [
        ['report', 'failed', '-s', 'job/x', `--summary=${summary}`, `--run-id=${summary.slice(0, 50)}`],
        ['reconcile'],
        ['explain', 'job.x'],
        ['status'],
      ],
    }),
  ),
  ...['', ESCAPES, '../../x', 'x'.repeat(100_000), '__proto__'].map(
    (id): Hostile => ({
      door: 'arguments',
      name: `an id ${short(id)}`,
      commands: [['report', 'failed', '-s', 'job/x', `--id=${id}`], ['report', 'failed', '-s', 'job/x', `--id=${id}`], ['reconcile']],
    }),
  ),
  ...[
    '__proto__=1',
    'constructor=1',
    'toString=1',
    '=1',
    'x',
    '__proto__.polluted=1',
    `${ESCAPES}=1`,
    `k=${ESCAPES}`,
    'n=1e999',
    'n=9007199254740993',
    `k=${'x'.repeat(100_000)}`,
    'n=NaN',
    'n=0x10',
  ].map(
    (data): Hostile => ({
      door: 'arguments',
      name: `data ${short(data)}`,
      commands: [['report', 'failed', '-s', 'job/x', '--data', data], ['reconcile'], ['explain', 'job.x']],
    }),
  ),
  ...['nonsense', ESCAPES, '__proto__', 'constructor', ''].map(
    (word): Hostile => ({ door: 'arguments', name: `a word ${short(word)}`, commands: [['report', word, '-s', 'job/x']], codes: [2] }),
  ),
  ...['/dev/null', '/dev/zero', '/proc', '/proc/self', '/nowhere/at/all', ESCAPES, '', 'x'.repeat(5000), '/etc/passwd', '/sys'].map(
    (path): Hostile => ({
      door: 'arguments',
      name: `a workspace ${short(path)}`,
      commands: [
        ['status', '-C', path],
        ['report', 'failed', '-s', 'job/x', '-C', path],
        ['validate', '-C', path],
      ],
      codes: [1, 2, 3, 4],
    }),
  ),
  ...['../../x', '__proto__', ESCAPES, ''].map(
    (name): Hostile => ({
      door: 'arguments',
      name: `a binding ${short(name)}`,
      commands: [
        ['status', '--binding', name],
        ['reconcile', '--binding', name],
      ],
      codes: [2, 3],
    }),
  ),
  ...['/dev/zero', '/dev/full', '/proc/kmsg', '.', '/nowhere', '/etc/shadow\u001b[2J', '/sys/kernel/uevent_seqnum'].map(
    (file): Hostile => ({ door: 'arguments', name: `ingest of ${short(file)}`, commands: [['ingest', 'cloudevents', file]] }),
  ),
  ...[ESCAPES, '../../x', '__proto__', '*', '.', '', 'x'.repeat(10_000)].map(
    (part): Hostile => ({
      door: 'arguments',
      name: `explain ${short(part)}`,
      commands: [
        ['explain', part],
        ['ack', part, '--by', part],
        ['retry', part],
        ['handoffs', part],
      ],
      codes: [1, 2, 3],
    }),
  ),
];

/** Bytes that may come from anywhere. */
const BYTES: Record<string, string | Uint8Array> = {
  nothing: '',
  'a NUL': '\u0000',
  '1 MB of NULs': Buffer.alloc(1024 * 1024),
  'no UTF-8': Buffer.from([0x7b, 0xff, 0xfe, 0x7d]),
  'UTF-16': Buffer.from('\ufeff{"a": 1}', 'utf16le'),
  'half of a document': '{"specversion": "1.0", "id": "x',
  '100,000 brackets': '['.repeat(100_000) + ']'.repeat(100_000),
  '100,000 braces': `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
  '100,000 lines of nothing': '\n'.repeat(100_000),
  '50,000 lines of rubbish': 'x\n'.repeat(50_000),
  'a line of 5 MB': 'x'.repeat(5 * 1024 * 1024),
  'a key __proto__': '{"__proto__": {"polluted": true}}',
  'a key __proto__ in an event': event({}).replace('{', '{"__proto__": {"polluted": true}, '),
  'a key constructor in data': event({ data: {} }).replace('"data":{}', '"data":{"constructor":{"prototype":{"polluted":true}}}'),
  'a key in disguise': '{"__pr\\u006fto__": {"polluted": true}}',
  'a key that stands twice': '{"specversion": "1.0", "specversion": "1.0"}',
  'a number without end': event({}).replace('}', ',"data":{"n":1e999}}'),
  'a number of 100,000 digits': event({}).replace('}', `,"data":{"n":${'9'.repeat(100_000)}}}`),
  'a subject of escapes': event({ subject: ESCAPES }),
  'a subject that climbs': event({ subject: '../../../etc/cron.d/x' }),
  'a type of escapes': event({ type: ESCAPES }),
  'a type that climbs': event({ type: '../../x' }),
  'a source of escapes': event({ source: ESCAPES, id: ESCAPES }),
  'data of escapes': event({ data: { summary: ESCAPES, [ESCAPES]: ESCAPES } }),
  'an id of 1 MB': event({ id: 'x'.repeat(1024 * 1024) }),
  'data of 2 MB': event({ data: { x: 'x'.repeat(2 * 1024 * 1024) } }),
  'data 60 levels deep': event({}).replace('}', `,"data":${'{"a":'.repeat(60)}1${'}'.repeat(60)}}`),
  'a time before time': event({ time: '-000001-01-01T00:00:00Z' }),
  'a time after time': event({ time: '+275760-09-13T00:00:00.001Z' }),
  'a time that is none': event({ time: '2026-02-31T25:61:61Z' }),
  'a time with an escape': event({ time: '\u001b[2J' }),
  'lone surrogates': '{"specversion":"1.0","id":"\\ud800","source":"\\udfff","type":"run.failed","subject":"job/\\ud800"}',
  'bidirectional marks': event({ subject: 'job/\u202e\u2066x\u2069', data: { summary: '\u202egnp.exe' } }),
  'what only the watchdog says': event({ source: 'rgov/watchdog', type: 'report.overdue' }),
  'what only a test of a sender says': event({ source: 'rgov/send-test' }),
  'what only a confirmation says': event({
    source: 'rgov/confirm',
    type: 'notice.acknowledged',
    data: { notice: '../../x', about: { path: '../../../etc/passwd', sha256: '0'.repeat(64) } },
  }),
  'a batch of arrays': `[${'[],'.repeat(10_000)}[]]`,
  null: 'null',
  'a number': '1e400',
  'a string': '"\\u001b[2J"',
  'an extension with a capital letter': event({ __Proto__: 1, 'x-y': 2, ['a'.repeat(1000)]: 3 }),
  'base64 that is none': event({ data_base64: '%%%%' }),
  'a data schema of escapes': event({ dataschema: 'javascript:alert(1)\u001b[2J', datacontenttype: ESCAPES }),
};

/** Mails, for the one adapter that reads such things. */
const mail = (head: string, body = ''): string =>
  `From: x@example.net\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n${head}\r\n\r\n${body}`;
const status = (lines: string): string => `--b\r\nContent-Type: message/delivery-status\r\n\r\n${lines}\r\n\r\n--b--\r\n`;
const MAILS: Record<string, string | Uint8Array> = {
  'a mail without end': mail('X: '.repeat(100_000)),
  'a mail of 20,000 parts': mail('', '--b\r\n\r\n'.repeat(20_000)),
  'a mail in a mail in a mail': Array.from({ length: 300 }, (_, i) => `Content-Type: multipart/mixed; boundary="b${i}"\r\n\r\n--b${i}\r\n`).join(''),
  'a boundary of nothing': mail('').replace('boundary="b"', 'boundary=""'),
  'a boundary of 1 MB': mail('').replace('boundary="b"', `boundary="${'b'.repeat(1024 * 1024)}"`),
  'a header without end': `Subject: ${'x\r\n '.repeat(50_000)}`,
  'a mail of lies about its letters': mail('Content-Transfer-Encoding: base64', '%%%%'),
  'a status of escapes': mail(
    '',
    status(`Original-Envelope-Id: ${ESCAPES}\r\n\r\nAction: failed\r\nStatus: ${ESCAPES}\r\nDiagnostic-Code: ${ESCAPES}`),
  ),
  'an envelope that climbs': mail('', status('Original-Envelope-Id: ../../../etc/passwd.1\r\n\r\nAction: failed\r\nStatus: 5.0.0')),
  'an envelope of the prototype': mail('', status('Original-Envelope-Id: __proto__\r\n\r\nAction: delivered\r\nStatus: 2.0.0')),
  'an action that there is not': mail(
    '',
    status('Original-Envelope-Id: 20261122T030000.000Z_r_operator_3f9a2c1b7d4e.1\r\n\r\nAction: explode\r\nStatus: 9.9.9'),
  ),
  '50,000 recipients': mail(
    '',
    status(`Original-Envelope-Id: 20261122T030000.000Z_r_operator_3f9a2c1b7d4e.1\r\n\r\n${'Action: failed\r\nStatus: 5.0.0\r\n\r\n'.repeat(50_000)}`),
  ),
  'a mail of encoded words': mail(`Subject: ${'=?utf-8?q?=1b[2J?= '.repeat(10_000)}`),
  'a parameter that catches patterns': mail('').replace('boundary="b"', `boundary="${'\\\\'.repeat(50_000)}`),
};
const TASKS: Record<string, string> = {
  'tasks of null': '{"count": 1, "tasks": [null]}',
  'tasks of escapes': JSON.stringify({
    tasks: [
      { taskId: ESCAPES, runId: ESCAPES, status: ESCAPES, label: ESCAPES, task: ESCAPES, error: ESCAPES, runtime: ESCAPES, childSessionKey: ESCAPES },
    ],
  }),
  'tasks of the prototype': '{"tasks": {"__proto__": [{}]}}',
  'tasks in years without end': JSON.stringify({
    tasks: [{ taskId: 't', runtime: 'cron', status: 'failed', createdAt: 1e308, endedAt: -1e308, lastEventAt: 8.64e15 + 1 }],
  }),
  '50,000 tasks of nothing': `{"tasks": [${'{},'.repeat(50_000)}{}]}`,
  'a task that climbs': JSON.stringify({
    tasks: [{ taskId: '../../x', runtime: '../../cron', status: 'failed', createdAt: 1, endedAt: 2, sourceId: '../../x' }],
  }),
};
const INGESTED: Hostile[] = [
  ...Object.entries(BYTES).flatMap(([name, input]) =>
    ['cloudevents', 'openclaw', 'dsn'].map(
      (adapter): Hostile => ({ door: 'ingest', name: `${adapter}: ${name}`, input, commands: [['ingest', adapter]] }),
    ),
  ),
  ...Object.entries(MAILS).map(([name, input]): Hostile => ({ door: 'ingest', name: `dsn: ${name}`, input, commands: [['ingest', 'dsn']] })),
  ...Object.entries(TASKS).map(
    ([name, input]): Hostile => ({ door: 'ingest', name: `openclaw: ${name}`, input, commands: [['ingest', 'openclaw']] }),
  ),
  ...['../cloudevents', '__proto__', 'constructor', ESCAPES, ''].map(
    (adapter): Hostile => ({ door: 'ingest', name: `an adapter ${short(adapter)}`, input: '{}', commands: [['ingest', adapter]], codes: [2] }),
  ),
];

const SETTLE = [['reconcile'], ['status']];
const dropped = (name: string, file: string, content: string | Uint8Array): Hostile => ({
  door: 'inbox',
  name,
  prepare: (arena) => arena.write(`state/inbox/${file}`, content),
  commands: SETTLE,
  goodGoesOn: true,
});
const confirmation = (parts: object): string => JSON.stringify({ apiVersion: 'reporting-governance/v1', kind: 'Confirmation', ...parts });
const NOTICE = '20261122T030000.000Z_failure-reaches-operator_operator_3f9a2c1b7d4e';
const CONFIRMATIONS: Record<string, string> = {
  'of a handoff that climbs': confirmation({ handoff: '../../../etc/passwd.1', failed: 'x' }),
  'of a handoff that is not there': confirmation({ handoff: `${NOTICE}.1`, failed: 'x' }),
  'of attempt 1e308': confirmation({ handoff: `${NOTICE}.${'9'.repeat(280)}`.slice(0, 300), failed: 'x' }),
  'of attempt nothing': confirmation({ handoff: `${NOTICE}.0`, evidence: 'delivered', reference: 'r' }),
  'of escapes': confirmation({ handoff: `${NOTICE}.1`, failed: ESCAPES, by: ESCAPES, detail: ESCAPES }),
  'by a human who is none': confirmation({ handoff: `${NOTICE}.1`, evidence: 'seen', reference: 'r', by: 'human:alice' }),
  'by the sender itself': confirmation({ handoff: `${NOTICE}.1`, evidence: 'delivered', reference: 'r', by: 'sender:file' }),
  'of more than there is': confirmation({ handoff: `${NOTICE}.1`, evidence: 'acknowledged', reference: 'r' }),
  'with a token of nothing': confirmation({ token: '~' }),
  'with a token that climbs': confirmation({ token: '../../x~AAAA' }),
  'with a token of escapes': confirmation({ token: ESCAPES }),
  'with everything at once': confirmation({ handoff: `${NOTICE}.1`, token: 'x', failed: 'x', evidence: 'seen', reference: 'r' }),
  'with nothing': confirmation({}),
  'with a prototype': confirmation({}).replace('}', ',"__proto__":{"polluted":true}}'),
  'of the year 9999': confirmation({ handoff: `${NOTICE}.1`, failed: 'x', at: '9999-12-31T23:59:59Z' }),
  '5,000 in one file': Array(5000)
    .fill(confirmation({ handoff: `${NOTICE}.1`, failed: 'x' }))
    .join('\n'),
};
const INBOX: Hostile[] = [
  ...THINGS.map(
    (thing): Hostile => ({
      door: 'inbox',
      name: thing.name,
      prepare: (arena) => thing.put(join(arena.state, 'inbox', 'x.json')),
      commands: SETTLE,
      goodGoesOn: true,
    }),
  ),
  ...Object.entries(BYTES).map(([name, content]) => dropped(`a drop of ${name}`, 'x.json', content)),
  ...[
    'a\nb.json',
    '\u001b[2J.json',
    '-rf.json',
    '.json',
    '.hidden.json',
    `${'x'.repeat(250)}.json`,
    '__proto__',
    'x.json~',
    ESCAPES.replaceAll('/', '').slice(0, 60),
    '$(touch owned).json',
  ].map((file) => dropped(`a file called ${short(file)}`, file, event({ id: file }))),
  {
    door: 'inbox',
    name: 'a folder of drops that leads outside',
    prepare: (arena) => arena.link('state/inbox', arena.outside),
    commands: SETTLE,
    goodGoesOn: true,
  },
  {
    door: 'inbox',
    name: 'a file in place of the folder of drops',
    prepare: (arena) => replace(arena, 'state/inbox', (path) => writeFileSync(path, 'x')),
    commands: SETTLE,
    goodGoesOn: true,
  },
];
const CONFIRMED: Hostile[] = [
  ...Object.entries(CONFIRMATIONS).map(([name, content]): Hostile => ({ ...dropped(`a drop ${name}`, 'x.json', content), door: 'confirmations' })),
  ...[`${NOTICE}.1`, '../../x', ESCAPES, '', '.', `${NOTICE}.0`, `${NOTICE}.99999999999999999999`, '__proto__'].map(
    (handoff): Hostile => ({
      door: 'confirmations',
      name: `rgov confirm ${short(handoff.slice(-30))}`,
      commands: [
        ['confirm', handoff, '--failed', ESCAPES, '--by', ESCAPES],
        ['confirm', handoff, '--evidence', 'seen', '--ref', ESCAPES],
      ],
      codes: [1, 2, 3],
    }),
  ),
  ...['', '~', `${NOTICE}~AAAA`, ESCAPES, 'x'.repeat(100_000)].map(
    (token): Hostile => ({
      door: 'confirmations',
      name: `a token ${short(token)}`,
      commands: [['ack', '--token', token, '--by', ESCAPES]],
      codes: [1, 2, 3],
    }),
  ),
  ...['human:root', ESCAPES, '', 'x'.repeat(100_000), '\u200b'].map(
    (by): Hostile => ({
      door: 'confirmations',
      name: `an acknowledgement by ${short(by)}`,
      commands: [['ack', 'job.victim', '--by', by, '--note', ESCAPES], ['explain', 'job.victim'], ['status']],
    }),
  ),
];

/** Puts something in the place of what is there. */
function replace({ root }: Arena, path: string, put: (path: string) => void | Promise<void>): void | Promise<void> {
  execFileSync('rm', ['-rf', '--', join(root, path)]);
  mkdirSync(join(root, path, '..'), { recursive: true });
  return put(join(root, path));
}

const LOOK = [['reconcile'], ['status'], ['verify']];
const PLACES = [
  'state/.cache',
  'state/.tmp',
  'state/.bell',
  'state/.pass.json',
  'state/.owners',
  'state/subjects',
  'state/quarantine',
  'state/seals',
  'state/archives',
  '.cache',
  'state/events',
  'state/receipts',
  'state',
];
const STATE: Hostile[] = [
  ...PLACES.flatMap((place) =>
    THINGS.slice(0, 7).map(
      (thing): Hostile => ({ door: 'state', name: `${place}: ${thing.name}`, prepare: (arena) => replace(arena, place, thing.put), commands: LOOK }),
    ),
  ),
  ...PLACES.slice(0, 10).map(
    (place): Hostile => ({
      door: 'state',
      name: `${place} leads outside`,
      prepare: (arena) => replace(arena, place, (path) => symlinkSync(arena.outside, path)),
      commands: LOOK,
    }),
  ),
  ...['quarantine', 'events', 'decisions', 'queue', 'receipts'].map(
    (stage): Hostile => ({
      door: 'state',
      name: `state/${stage}/today leads outside`,
      prepare(arena) {
        for (const day of [Date.now(), Date.now() + 86_400_000].map((ms) => new Date(ms).toISOString().slice(0, 10))) {
          if (stage === 'quarantine') arena.write(`state/events/${day}/x`, 'so that something must be moved aside');
          arena.link(`state/${stage}/${day}`, arena.outside);
        }
      },
      commands: LOOK,
    }),
  ),
  ...['2026-01-01.sha256', '9999-12-31.sha256', '../../x', ESCAPES.replaceAll('/', '').slice(0, 60)].flatMap((name) =>
    Object.entries({
      'of rubbish': 'x',
      'of links that climb': `${'0'.repeat(64)}  ../../../../etc/passwd\n`,
      'of itself': `${'0'.repeat(64)}  seals/2026-01-01.sha256\n`,
      'of escapes': `${'0'.repeat(64)}  events/2026-01-01/${ESCAPES.replaceAll('\n', '')}\n`,
    }).map(
      ([what, content]): Hostile => ({
        door: 'state',
        name: `a seal ${short(name)} ${what}`,
        prepare: (arena) => arena.write(`state/seals/${name.replaceAll('/', '_')}`, content),
        commands: LOOK,
      }),
    ),
  ),
  ...Object.entries({
    'that is none': 'x',
    'of 64 MB of nothing': gzipSync(Buffer.alloc(64 * 1024 * 1024)),
    'cut off': gzipSync(Buffer.alloc(4096)).subarray(0, 20),
    'of nothing': gzipSync(Buffer.alloc(0)),
  }).map(
    ([what, content]): Hostile => ({
      door: 'state',
      name: `an archive ${what}`,
      prepare: (arena) => {
        arena.write('state/archives/2026-01-01.tar.gz', content);
        arena.write(
          'state/seals/2026-01-01.sha256',
          `${'0'.repeat(64)}  events/2026-01-01/20260101T000000.000Z_run.failed_job.x_0123456789ab.json\n`,
        );
      },
      commands: [...LOOK, ['archive', '--before', '2026-02-01'], ['report', 'failed', '-s', 'job/x', '--id', 'y']],
    }),
  ),
];

const hook = (parts: object): string =>
  JSON.stringify({
    apiVersion: 'reporting-governance/v1',
    kind: 'RuntimeBinding',
    metadata: { name: 'default' },
    spec: {
      profile: 'webhook',
      state: 'state',
      targets: { operator: { sender: 'hook' } },
      senders: { hook: { use: 'webhook', timeLimit: '3s', with: { url: 'http://127.0.0.1:9/', allowHosts: ['127.0.0.1'], ...parts } } },
    },
  });
const secretFrom = (name: string, secret: object, prepare: (arena: Arena) => void = () => {}): Hostile => ({
  door: 'secrets',
  name,
  prepare(arena) {
    arena.write('bindings/default.yaml', hook({ secret }));
    prepare(arena);
  },
  commands: [['reconcile']],
});
const SECRETS: Hostile[] = [
  ...[
    '/dev/zero',
    '/dev/random',
    '/dev/stdin',
    '/dev/tty',
    '/proc/kmsg',
    '/proc/self/mem',
    '/proc/self/environ',
    '.',
    '/',
    'nowhere',
    '../../../../../etc/hostname',
    '',
    'a\u0001b',
    'x'.repeat(2000),
  ].map((file) => secretFrom(`a file ${short(file)}`, { file })),
  secretFrom('a pipe', { file: 'pipe' }, ({ root }) => void execFileSync('mkfifo', [join(root, 'pipe')])),
  secretFrom('a link to itself', { file: 'loop' }, ({ root }) => symlinkSync('loop', join(root, 'loop'))),
  secretFrom('64 MB', { file: 'big' }, (arena) => arena.write('big', Buffer.alloc(64 * 1024 * 1024, 0x61))),
  secretFrom('escapes', { file: 'escapes' }, (arena) => arena.write('escapes', ESCAPES)),
  ...['__proto__', 'constructor', 'NOT_SET', 'A=B', '', 'ESCAPES', 'x'.repeat(10_000), '\u001b[2J'].map((env) =>
    secretFrom(`a variable ${short(env)}`, { env }),
  ),
  ...[
    ['/nowhere/at/all'],
    ['sh', '-c', 'yes'],
    ['sh', '-c', 'exit 1'],
    ['sh', '-c', 'kill -9 $$'],
    [],
    [''],
    ['sh', '-c', 'printf "\\033[2J"; printf "\\033[2J" >&2; exit 3'],
    ['cat', '/dev/zero'],
  ].map((command) => secretFrom(`a command ${short(command)}`, { command })),
  secretFrom('two at once', { file: 'x', env: 'y' }),
  secretFrom('a prototype', JSON.parse('{"__proto__": {"env": "HOME"}}') as object),
];

const ok = (body: string, headers: Record<string, string> = {}): Behaviour => ({
  status: 200,
  headers: { 'content-type': 'application/json', ...headers },
  body,
});
const raw = (text: string | Buffer): Behaviour => ({ raw: text });
const ANSWERS: Record<string, Behaviour> = {
  'escapes as its id': ok(JSON.stringify({ id: ESCAPES })),
  'escapes as a refusal': { status: 400, headers: { 'content-type': 'text/plain' }, body: ESCAPES },
  'escapes as a header': raw('HTTP/1.1 503 \u001b[2J\r\nretry-after: \u001b[2J\r\nx: \u009b2J\r\ncontent-length: 0\r\n\r\n'),
  'a prototype': ok('{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}'),
  '100,000 brackets': ok('['.repeat(100_000)),
  'an id of 1 MB': ok(JSON.stringify({ id: 'x'.repeat(1024 * 1024) })),
  'an id that is no text': ok('{"id": {"toString": 1}}'),
  'a number without end': ok('{"id": 1e999}'),
  'no UTF-8': raw(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n'), Buffer.from([0xff, 0xfe, 0x00, 0x80])])),
  'a body without end': 'endless body',
  'a body in drops': 'slow drip',
  'half of a body': 'half answer',
  'nothing at all': 'hang after reading',
  'a head without end': raw(`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}\r\n`),
  'a header of 1 MB': raw(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(1024 * 1024)}\r\n\r\n`),
  'a status of nothing': raw('HTTP/1.1 000 \r\n\r\n'),
  'a status of 999': raw('HTTP/1.1 999 X\r\ncontent-length: 0\r\n\r\n'),
  'a status of 99999': raw('HTTP/1.1 99999 X\r\n\r\n'),
  'two lengths': raw('HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 100\r\n\r\nx'),
  'a negative length': raw('HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n'),
  'chunks that lie': raw('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\nx'),
  'another protocol': { greeting: '220 mail.example.org ESMTP\r\n' },
  'a promotion to another protocol': raw('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
  '1,000 interim answers': raw(`${'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000)}HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n`),
  'a redirection to a file': { status: 302, headers: { location: 'file:///etc/passwd' } },
  'a redirection to itself': { status: 307, headers: { location: '/hook' } },
  'a redirection to the machine next door': { status: 308, headers: { location: 'http://169.254.169.254/latest/meta-data/' } },
  'a wish to wait for ever': { status: 429, headers: { 'retry-after': '9'.repeat(300) } },
  'a wish to wait for less than nothing': { status: 503, headers: { 'retry-after': '-1' } },
  'a bomb': raw(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n'), gzipSync(Buffer.alloc(64 * 1024 * 1024))])),
  'a lie about its encoding': raw('HTTP/1.1 200 OK\r\ncontent-encoding: gzip, br, gzip\r\ncontent-length: 3\r\n\r\nabc'),
  'a reset': 'reset after body',
};
const ANSWERED: Hostile[] = Object.entries(ANSWERS).map(([name, answer]) => ({
  door: 'answers',
  name,
  answer,
  commands: [['reconcile'], ['explain', 'job.good']],
  codes: [0, 1],
}));

/** Everything that comes in while the program is at work. */
export const OTHERS: readonly Hostile[] = [...ARGUMENTS, ...INGESTED, ...INBOX, ...CONFIRMED, ...STATE, ...SECRETS, ...ANSWERED];
