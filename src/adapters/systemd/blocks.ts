import { quoted } from '../foreign.ts';

/** The properties that are read here, each at most once a unit. */
export type Properties = Partial<Record<Property, string>>;
export type Block = { where: string } & ({ ok: true; properties: Properties } | { ok: false; reason: string });

const READ = [
  'Id',
  'LoadState',
  'ActiveState',
  'SubState',
  'Result',
  'InvocationID',
  'ExecMainCode',
  'ExecMainStatus',
  'ExecMainExitTimestamp',
  'InactiveEnterTimestamp',
  'InactiveExitTimestamp',
] as const;
type Property = (typeof READ)[number];

/** Further ones that are a word, a number, a time or a plain string: systemctl never prints a line break in one of these. */
const FURTHER = [
  'Type Restart NotifyAccess MainPID ControlPID ExecMainPID NRestarts StatusErrno StatusText Description FreezerState FragmentPath SourcePath',
  'UnitFileState UnitFilePreset ControlGroup Slice User Group Transient CollectMode NeedDaemonReload ConditionResult AssertResult ConditionTimestamp',
  'ExecMainStartTimestamp StateChangeTimestamp ActiveEnterTimestamp ActiveExitTimestamp ExecMainStartTimestampMonotonic ExecMainExitTimestampMonotonic',
  'StateChangeTimestampMonotonic InactiveEnterTimestampMonotonic InactiveExitTimestampMonotonic ActiveEnterTimestampMonotonic ActiveExitTimestampMonotonic',
];
const ON_ONE_LINE = new Set<string>([...READ, ...FURTHER.flatMap((names) => names.split(' '))]);

const LINE = /^([A-Za-z][A-Za-z0-9]*)=(.*)$/s;
const ASK = `systemctl show -p ${READ.join(',')} --timestamp=utc`;

const utf8 = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The units in what `systemctl show` printed, told apart by empty lines. Some properties (ExecStart and its like, Environment) may hold line
 * breaks of somebody else's choosing, behind which a whole unit could be made up. Where one of those is in the input, it must be that of a single unit, with no
 * property twice; several units have to be asked for without them.
 */
export function blocksIn(input: Uint8Array): Block[] {
  const refused = (reason: string): Block[] => [{ where: 'input', ok: false, reason }];
  let text: string;
  try {
    text = utf8.decode(input);
  } catch {
    return refused('the bytes are not valid UTF-8');
  }
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  if (lines.every((line) => line.trim() === '')) return refused('there is nothing here: systemctl prints properties only where it reaches a manager');
  const free = lines.map((line) => LINE.exec(line)?.[1]).find((name) => name !== undefined && !ON_ONE_LINE.has(name));
  const stray = lines.findIndex((line) => line !== '' && !LINE.test(line));
  if (free === undefined) {
    if (stray !== -1) return refused(`expected Key=Value lines of systemctl show; line ${stray + 1} is ${quoted(lines[stray])}`);
    return paragraphs(lines).map((block, i) => ({ where: `unit ${i + 1}`, ...propertiesOf(block) }));
  }
  if (lines.filter((line) => line.startsWith('Id=')).length > 1) {
    return refused(
      `several units with ${free}=, whose value may hold line breaks, so that one unit could be mistaken for another; ask with ${ASK} UNIT...`,
    );
  }
  return [{ where: 'unit 1', ...propertiesOf(lines) }];
}

function paragraphs(lines: readonly string[]): string[][] {
  const blocks: string[][] = [[]];
  for (const line of lines) {
    if (line === '') blocks.push([]);
    else blocks.at(-1)?.push(line);
  }
  return blocks.filter((block) => block.length > 0);
}

function propertiesOf(lines: readonly string[]): { ok: true; properties: Properties } | { ok: false; reason: string } {
  const properties: Properties = {};
  for (const line of lines) {
    const [, name, value = ''] = LINE.exec(line) ?? [];
    const property = READ.find((known) => known === name);
    if (property === undefined) continue;
    if (properties[property] !== undefined) return { ok: false, reason: `${property}= stands twice in one unit` };
    properties[property] = value;
  }
  return { ok: true, properties };
}
