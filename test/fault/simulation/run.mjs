// Runs simulated schedules: npm run simulate -- --seed 12345 [--verbose], or --from 1 --count 1000.
// Both the simulation and the program that it runs are bundled first, the program with everything around it exchanged.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { rolldown } from 'rolldown';

const HERE = import.meta.dirname;
const ROOT = join(HERE, '../../..');

/** What stands in for a module of the program. */
const STANDS_IN = {
  'src/run/workspace.ts': join(HERE, 'inside/workspace.ts'),
  'src/senders/registry.generated.ts': join(HERE, 'inside/senders.ts'),
};

/** What a process knows of itself between its calls, to be forgotten where a new process starts in its place. */
const FORGETS = {
  'src/run/host.ts': 'self = undefined;',
  'src/store/temporaries.ts': 'count = 0;',
  'src/run/applier.ts': 'supervisors.clear();',
  'src/store/history.ts': 'last = null;',
};

const relative = (id) => (id.startsWith(`${ROOT}/`) ? id.slice(ROOT.length + 1) : id);

/** The program as one script; `patches` are changes of its source, each of a text that stands in its file exactly once. */
async function bundleProgram(patches) {
  const unused = new Set(patches);
  const built = await rolldown({
    input: join(HERE, 'inside/program.ts'),
    platform: 'node',
    plugins: [
      {
        name: 'simulation',
        resolveId: {
          filter: { id: /(workspace|registry\.generated)\.ts$/ },
          async handler(source, importer) {
            const found = await this.resolve(source, importer, { skipSelf: true });
            return (found && STANDS_IN[relative(found.id)]) ?? found;
          },
        },
        load(id) {
          const file = relative(id);
          const mine = patches.filter((patch) => patch.file === file);
          if (mine.length === 0 && FORGETS[file] === undefined) return null;
          let code = readFileSync(id, 'utf8');
          for (const patch of mine) {
            const parts = code.split(patch.replace);
            if (parts.length !== 2) throw new Error(`${file} does not hold exactly once what is to be replaced: ${patch.replace}`);
            code = parts.join(patch.by);
            unused.delete(patch);
          }
          return FORGETS[file] === undefined ? code : `${code}\n__simulationForget(() => { ${FORGETS[file]} });\n`;
        },
      },
    ],
  });
  const { output } = await built.generate({ format: 'cjs', exports: 'named', codeSplitting: false });
  await built.close();
  const [missed] = unused;
  if (missed) throw new Error(`${missed.file} is no part of what is simulated`);
  return output[0].code;
}

async function loadSimulation() {
  const folder = mkdtempSync(join(tmpdir(), 'rgov-simulation-'));
  try {
    const built = await rolldown({ input: join(HERE, 'main.ts'), platform: 'node' });
    await built.write({ file: join(folder, 'main.mjs'), format: 'esm' });
    await built.close();
    return await import(pathToFileURL(join(folder, 'main.mjs')).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { values } = parseArgs({
  options: {
    /** One schedule. */
    seed: { type: 'string' },
    /** Or many, by their first seed and their number. */
    from: { type: 'string', default: '1' },
    count: { type: 'string', default: '1000' },
    /** Names come to the disk in no order, and processes die and the power fails again and again. */
    harsh: { type: 'boolean', default: false },
    /** Every step, call and answer of each schedule. */
    verbose: { type: 'boolean', default: false },
    /** The summary as JSON. */
    json: { type: 'boolean', default: false },
    /** Ends as soon as so many schedules have failed. */
    most: { type: 'string', default: '10' },
    /** JSON: `[{file, replace, by}]`. */
    patches: { type: 'string', default: '[]' },
  },
});
const { simulate } = await loadSimulation();
const summary = await simulate({
  program: await bundleProgram(JSON.parse(values.patches)),
  from: Number(values.seed ?? values.from),
  count: values.seed === undefined ? Number(values.count) : 1,
  most: Number(values.most),
  isHarsh: values.harsh,
  log: values.verbose ? (line) => console.log(line) : null,
});
if (values.json) console.log(JSON.stringify(summary));
else {
  const kinds = {};
  for (const { seed, offences } of summary.failed)
    for (const text of offences) {
      const kind = text.split(':')[0];
      kinds[kind] = [...(kinds[kind] ?? []), seed];
    }
  for (const [kind, seeds] of Object.entries(kinds)) console.log(`${kind}: ${seeds.length} (${[...new Set(seeds)].slice(0, 8)})`);
  for (const { seed, offences } of summary.failed) console.log(`seed ${seed}:\n${offences.map((text) => `  ${text}`).join('\n')}`);
  console.log(
    `${summary.schedules} schedules, ${summary.failed.length} with violations; ${Object.entries(summary.totals)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ')}`,
  );
}
process.exitCode = summary.failed.length === 0 || values.json ? 0 : 1;
