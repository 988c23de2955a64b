// V8's compiled code, kept beside the program: most of a short run is compiling. Node 22.1 and later can do this by
// themselves; for Node 20 the hook below does the same. A cache that does not fit or cannot be written is left alone.
const { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } = require('node:fs');
const { basename, join } = require('node:path');

exports.install = function install(dist) {
  if (process.env.NODE_DISABLE_COMPILE_CACHE) return;
  const folder = join(dist, '.compile-cache');
  const nodeModule = require('node:module');
  if (typeof nodeModule.enableCompileCache === 'function') {
    nodeModule.enableCompileCache(folder);
    return;
  }
  hookCompile(nodeModule, folder);
};

function hookCompile(Module, folder) {
  const { Script, constants } = require('node:vm');
  const compiled = [];
  const original = Module.prototype._compile;
  Module.prototype._compile = function compile(content, filename) {
    if (!filename.startsWith(join(folder, '..'))) return original.call(this, content, filename);
    const source = Module.wrap(content.startsWith('#!') ? `//${content}` : content);
    const cacheFile = join(folder, `${basename(filename)}-${process.version}-${process.arch}-${source.length}`);
    const cachedData = readOrUndefined(cacheFile, filename);
    const script = new Script(source, {
      filename,
      ...(cachedData ? { cachedData } : {}),
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    if (!cachedData || script.cachedDataRejected) compiled.push({ script, cacheFile });
    const run = script.runInThisContext({ displayErrors: true });
    const localRequire = (id) => this.require(id);
    localRequire.resolve = (id) => Module._resolveFilename(id, this);
    localRequire.main = process.mainModule;
    localRequire.cache = Module._cache;
    return run.call(this.exports, this.exports, localRequire, this, filename, join(filename, '..'));
  };
  // Made after the run, so that the functions that were really called are in it.
  process.on('exit', () => {
    for (const { script, cacheFile } of compiled) write(folder, cacheFile, script);
  });
}

/** A cache older than its source belongs to another build. */
function readOrUndefined(cacheFile, filename) {
  try {
    return statSync(cacheFile).mtimeMs >= statSync(filename).mtimeMs ? readFileSync(cacheFile) : undefined;
  } catch {
    return undefined;
  }
}

function write(folder, cacheFile, script) {
  try {
    mkdirSync(folder, { recursive: true });
    const temporary = `${cacheFile}.${process.pid}`;
    writeFileSync(temporary, script.createCachedData());
    renameSync(temporary, cacheFile);
  } catch {
    // Installed where this user may not write: the next start compiles again.
  }
}
