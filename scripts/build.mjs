// Bundles the command line into dist/: CommonJS, so that the thread pool can be sized before anything asynchronous, and
// in chunks, so that a command loads only what it needs.
import { chmodSync, copyFileSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import fastGlob from 'fast-glob';
import { rolldown } from 'rolldown';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
// Built beside and put in place at the end: cron may start the program at any moment.
const fresh = `${dist}-${process.pid}`;

/** The package's own documents, read once and for all; see `src/catalog/parsed-at-build.ts`. */
async function parsedDocuments() {
  const reader = join(root, 'src/catalog/read-at-build.ts');
  const built = await rolldown({ input: reader, platform: 'node' });
  const file = `${fresh}.mjs`;
  try {
    await built.write({ file, format: 'esm' });
    const { readAtBuild } = await import(pathToFileURL(file).href);
    const paths = fastGlob.sync('{policy,profiles,bindings}/**/*.{yaml,yml}', { cwd: root }).sort();
    return readAtBuild(paths.map((name) => ({ name, bytes: readFileSync(join(root, name)) })));
  } finally {
    await built.close();
    rmSync(file, { force: true });
  }
}

/** Tells which modules the entry loads in any case, whatever it loads later on. */
function staticImports(entry) {
  const ids = new Set();
  const plugin = {
    name: 'static-imports',
    buildEnd() {
      const visit = (id) => {
        if (ids.has(id)) return;
        ids.add(id);
        this.getModuleInfo(id)?.importedIds.forEach(visit);
      };
      visit(join(root, entry));
    },
  };
  return { plugin, has: (id) => ids.has(id) };
}

const EMPTY = 'PARSED_AT_BUILD: Readonly<Record<string, string>> = {}';
const documents = JSON.stringify(await parsedDocuments());
const filling = {
  name: 'parsed-documents',
  load(id) {
    if (!id.endsWith('/src/catalog/parsed-at-build.ts')) return null;
    const code = readFileSync(id, 'utf8');
    if (!code.includes(EMPTY)) throw new Error(`${id} has no place for documents`);
    return code.replace(EMPTY, () => EMPTY.replace('{}', () => documents));
  },
};

/** One entry with the chunks that it loads when it needs them. */
async function bundle(name, input) {
  const loadedAnyway = staticImports(input);
  const external = name === 'rgov' ? ['./compile-cache.cjs', './plain.cjs', './gate.cjs', './main.cjs'] : [];
  const built = await rolldown({
    input: { [name]: join(root, input) },
    platform: 'node',
    external,
    checks: { ineffectiveDynamicImport: false },
    plugins: [loadedAnyway.plugin, filling],
  });
  await built.write({
    dir: fresh,
    format: 'cjs',
    ...(name === 'rgov' ? { banner: '#!/usr/bin/env node' } : {}),
    exports: 'named',
    // A script that V8 takes from its code cache cannot call import(); require() of a built-in module does the same.
    dynamicImportInCjs: false,
    entryFileNames: '[name].cjs',
    // Finding and loading a file takes longer than most of what is in it.
    codeSplitting: { groups: [{ name: `${name}-whole`, test: loadedAnyway.has }] },
    chunkFileNames: 'chunks/[name]-[hash].cjs',
    minify: { mangle: false, compress: true, codegen: { removeWhitespace: true } },
  });
  await built.close();
}

await bundle('main', 'src/cli/main.ts');
// The second thread of `rgov verify`.
await bundle('verify-days', 'src/run/verify/day-thread.ts');
// As cron starts it: one file, as finding and loading each of many chunks takes as long as what is in it.
await bundle('plain', 'src/cli/plain.ts');
await bundle('gate', 'src/cli/gate.ts');
await bundle('rgov', 'src/cli/bootstrap.ts');
copyFileSync(join(root, 'src/cli/compile-cache.cjs'), join(fresh, 'compile-cache.cjs'));
chmodSync(join(fresh, 'rgov.cjs'), 0o755);
const old = `${dist}-old-${process.pid}`;
if (existsSync(dist)) renameSync(dist, old);
renameSync(fresh, dist);
rmSync(old, { recursive: true, force: true });
