import { oneLine, truncate } from '../../model/text.ts';
import { formatDuration } from '../../model/time.ts';
import type { CatalogList, Entry, KindEntry, PackFacts, ProfileFacts, RuntimeFacts, SenderFacts } from '../../run/catalog-list.ts';
import type { Paint } from '../terminal.ts';
import { plural } from './pass.ts';
import { problemsText } from './problems.ts';
import { type Row, tableText } from './table.ts';

/** As long as a line below a row may be, in UTF-16 units. */
const LINE = 110;

/** Each section as a table; `whole` also shows what there is to say of each entry beyond one line. */
export function catalogText(list: CatalogList, whole: boolean, paint: Paint): string {
  const blocks = [
    ...(list.senders ? [kindsBlock(list.senders.kinds, paint), sendersBlock(list.senders.bindings, whole, paint)] : []),
    ...(list.adapters ? [adaptersBlock(list.adapters, paint)] : []),
    ...(list.profiles ? [profilesBlock(list.profiles, whole, paint)] : []),
    ...(list.packs ? [packsBlock(list.packs, whole, paint)] : []),
    ...(list.runtimes ? [runtimesBlock(list.runtimes, whole, paint)] : []),
  ];
  if (!list.valid) blocks.push(`${paint(['bold', 'red'], `invalid (${list.problems.length})`)}\n${problemsText(list.problems, paint)}`);
  if (list.workspace === null) blocks.push(paint('dim', 'no workspace here: this is what came with the package'));
  return blocks.join('\n\n');
}

function block(title: string, meaning: string, headings: readonly string[], rows: readonly Row[], paint: Paint): string {
  const lines = rows.length === 0 ? ['  none'] : tableText(headings, rows, paint);
  return [`${paint('bold', title)}  ${paint('dim', meaning)}`, ...lines].join('\n');
}

const yesNo = (value: boolean, paint: Paint): string => (value ? paint('green', 'yes') : paint('dim', 'no'));
const orNone = (words: readonly string[]): string => (words.length === 0 ? 'none' : words.join(', '));

function kindsBlock(kinds: readonly KindEntry[], paint: Paint): string {
  const rows = kinds.map(({ kind, summary, maxCeiling, canBeIdempotent, defaults }): Row => {
    const { timeLimit_ms, concurrency } = defaults;
    return {
      cells: [paint('bold', kind), maxCeiling, yesNo(canBeIdempotent, paint), formatDuration(timeLimit_ms), String(concurrency)],
      notes: [paint('reset', summary)],
    };
  });
  const headings = ['KIND', 'CAN PROVE AT MOST', 'MAY BE IDEMPOTENT', 'TIME LIMIT', 'AT ONCE'];
  return block('built-in senders', 'what a SenderBinding may use as its kind', headings, rows, paint);
}

function sendersBlock(bindings: readonly Entry<SenderFacts>[], whole: boolean, paint: Paint): string {
  const rows = bindings.map((entry) =>
    rowOf(entry, 4, whole, paint, ({ kind, ceiling, idempotent, bridge, source }) => ({
      cells: [paint('reset', kind), ceiling, yesNo(idempotent, paint), bridge],
      notes: whole && source !== null ? [`after ${paint('cyan', source)}`] : [],
    })),
  );
  const headings = ['SENDER', 'KIND', 'CAN PROVE', 'IDEMPOTENT', 'BRIDGE', 'FROM'];
  return block('sender bindings', 'what a runtime binding may use, or tie a target to', headings, rows, paint);
}

function adaptersBlock(adapters: NonNullable<CatalogList['adapters']>, paint: Paint): string {
  const rows = adapters.map(({ name, summary }): Row => ({ cells: [paint('bold', name), paint('reset', summary)] }));
  return block('adapters', 'what rgov ingest can read', ['ADAPTER', 'READS'], rows, paint);
}

function profilesBlock(profiles: readonly Entry<ProfileFacts>[], whole: boolean, paint: Paint): string {
  const rows = profiles.map((entry) =>
    rowOf(entry, 5, whole, paint, ({ posture, requires, packs, targets, supplies, needs, runtimes }) => ({
      cells: [
        posture,
        requires,
        ...[orNone(packs), orNone(targets), runtimes === null ? 'any' : orNone(runtimes)].map((text) => paint('reset', text)),
      ],
      notes: whole ? demands(needs, supplies).map((line) => paint('reset', line)) : [],
    })),
  );
  const headings = ['PROFILE', 'POSTURE', 'REQUIRES', 'PACKS', 'TARGETS ASKED FOR', 'RUNTIMES', 'FROM'];
  return block('profiles', 'what a runtime binding puts in force', headings, rows, paint);
}

function demands(needs: ProfileFacts['needs'], supplies: readonly string[]): string[] {
  const asked = Object.entries(needs).map(([name, value]) => (value === true ? name : `${name}: ${value}`));
  return [
    ...(asked.length === 0 ? [] : [`needs of the runtime: ${asked.join(', ')}`]),
    ...(supplies.length === 0 ? [] : [`a binding must have: ${supplies.join(', ')}`]),
  ];
}

function packsBlock(packs: readonly Entry<PackFacts>[], whole: boolean, paint: Paint): string {
  const rows = packs.map((entry) =>
    rowOf(entry, 3, whole, paint, ({ rules, expectations, gates }) => ({ cells: [rules, expectations, gates].map(String) })),
  );
  return block('policy packs', 'what a profile may name', ['PACK', 'RULES', 'EXPECTATIONS', 'GATES', 'FROM'], rows, paint);
}

function runtimesBlock(runtimes: readonly Entry<RuntimeFacts>[], whole: boolean, paint: Paint): string {
  const rows = runtimes.map((entry) =>
    rowOf(entry, 6, whole, paint, ({ queue, handOff, sendDirectly, proveDelivery, blockInline, wakeWatcher, activation = [], notClaimed }) => ({
      cells: [...[queue, handOff, sendDirectly].map((can) => yesNo(can, paint)), proveDelivery, yesNo(blockInline, paint), yesNo(wakeWatcher, paint)],
      notes: whole
        ? [...activation.map((line) => `to switch it on: ${line}`), ...notClaimed.map((line) => `not claimed: ${line}`)].flatMap((line) =>
            wrapped(line).map((part) => paint('reset', part)),
          )
        : [`${plural(notClaimed.length, 'thing')} that nobody should expect: rgov catalog runtimes`],
    })),
  );
  const headings = ['RUNTIME', 'QUEUES', 'HANDS OFF', 'SENDS', 'CAN PROVE', 'BLOCKS INLINE', 'WAKES WATCHER', 'FROM'];
  return block('runtimes', 'what the programs that work unattended can do themselves', headings, rows, paint);
}

/** Name, what the document declares in `columns` cells, and where it comes from; its description stands below. */
function rowOf<T>(
  { name, version, description, layer, valid, declared }: Entry<T>,
  columns: number,
  whole: boolean,
  paint: Paint,
  show: (facts: T) => { cells: readonly string[]; notes?: readonly string[] },
): Row {
  const { cells, notes = [] } = declared === null ? { cells: Array.from({ length: columns }, () => '?') } : show(declared);
  const from = `${layer}${version === null ? '' : ` ${version}`}`;
  return {
    cells: [paint('bold', name), ...cells, valid ? from : `${from}  ${paint('red', 'invalid')}`],
    notes: [...about(description, whole).map((line) => paint('reset', line)), ...notes],
  };
}

/** A description as far as there is room for it: whole, or its first sentence. */
function about(description: string, whole: boolean): string[] {
  if (description === '') return [];
  return whole ? wrapped(description) : [truncate(/^.*?[.;:](?= |$)/.exec(description)?.[0].replace(/[;:]$/, '') ?? description, LINE)];
}

/** Lines of whole words. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of oneLine(text).split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + word.length >= LINE) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
