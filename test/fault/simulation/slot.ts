import { createContext, Script } from 'node:vm';

/** What a process can ask of the world around it. */
export interface Surroundings {
  /** Wall clock of its machine, in whole milliseconds. */
  now(): number;
  /** A clock that only goes forward, in nanoseconds. */
  steady(): bigint;
  random(): number;
  setTimer(run: () => void, delay_ms: number, repeat: boolean): unknown;
  clearTimer(timer: unknown): void;
  setImmediate(run: () => void): void;
  require(name: string): unknown;
  /** Whether somebody will read where errors come from. */
  readonly isTraced: boolean;
  readonly process: object;
  readonly simulation: object;
}

interface Program {
  start(task: string): void;
}

/** Names that the program looks up so often that asking the context each time would take most of the time. */
const BUILT_IN = [
  ...[
    'Object',
    'Array',
    'Map',
    'Set',
    'WeakMap',
    'Promise',
    'JSON',
    'Number',
    'String',
    'Boolean',
    'Symbol',
    'RegExp',
    'Error',
    'TypeError',
    'RangeError',
  ],
  ...[
    'SyntaxError',
    'BigInt',
    'Function',
    'Reflect',
    'Proxy',
    'Intl',
    'parseInt',
    'parseFloat',
    'isNaN',
    'isFinite',
    'encodeURIComponent',
    'Infinity',
    'NaN',
  ],
  ...['decodeURIComponent'],
];

/** Parameters that stand for what a program finds around it. */
const GIVEN = [
  'require',
  'process',
  'setTimeout',
  'setInterval',
  'clearTimeout',
  'clearInterval',
  'setImmediate',
  'Buffer',
  'TextDecoder',
  'TextEncoder',
];
const ALSO_GIVEN = ['AbortController', 'AbortSignal', 'URL', 'console', 'performance', '__simulation', '__simulationForget', '__now', '__random'];

const PROLOGUE = `
const __Date = globalThis.Date;
function Date(...parts) {
  if (new.target === undefined) return String(new __Date(__now()));
  return parts.length === 0 ? new __Date(__now()) : new __Date(...parts);
}
Date.prototype = __Date.prototype;
Date.now = __now;
Date.parse = __Date.parse;
Date.UTC = __Date.UTC;
const Math = Object.create(globalThis.Math, { random: { value: __random } });
const module = { exports: {} };
const exports = module.exports;
const __filename = '/rgov.cjs';
const __dirname = '/';
`;

/** Compiles what runs in every slot. */
export function compileProgram(code: string): Script {
  const builtIns = BUILT_IN.map((name) => `const ${name} = globalThis.${name};`).join('\n');
  return new Script(
    `(function (${[...GIVEN, ...ALSO_GIVEN].join(', ')}) {\n${builtIns}\n${PROLOGUE}\n(() => {\n${code}\n})();\nreturn module.exports;\n})`,
    {
      filename: 'rgov-simulated.cjs',
    },
  );
}

const RUN = new Script('__run()', { filename: 'run' });

/**
 * Room for one process at a time: the program loaded once, with built-in types and a queue of promise jobs of its own. That
 * queue is run to its end whenever somebody enters, even in the middle of a call that another process makes.
 */
export class Slot {
  readonly #context: { __run: () => void };
  readonly #program: Program;
  readonly #forget: (() => void)[] = [];
  readonly #Error: ErrorConstructor;
  #next: () => void = () => {};
  /** Whether something of it is on the stack at this moment. */
  isInside = false;

  constructor(script: Script, around: Surroundings) {
    this.#context = createContext({ __run: () => this.#next() }, { microtaskMode: 'afterEvaluate' }) as { __run: () => void };
    this.#Error = new Script('Error').runInContext(this.#context) as ErrorConstructor;
    // Walking the stack takes longer than everything else that an error is made for.
    if (!around.isTraced) this.#Error.stackTraceLimit = 0;
    const setTimer =
      (repeat: boolean) =>
      (run: (...args: unknown[]) => void, delay_ms: number, ...args: unknown[]) =>
        around.setTimer(() => run(...args), delay_ms, repeat);
    const clear = (timer: unknown): void => around.clearTimer(timer);
    const silent = { log() {}, error() {}, warn() {} };
    const performance = { now: () => Number(around.steady()) / 1e6 };
    let program: Program | undefined;
    this.enter(() => {
      const factory = script.runInContext(this.#context) as (...given: unknown[]) => Program;
      program = factory(
        ...[around.require, around.process, setTimer(false), setTimer(true), clear, clear, around.setImmediate, Buffer, TextDecoder, TextEncoder],
        ...[AbortController, AbortSignal, URL, silent, performance, around.simulation, (forget: () => void) => this.#forget.push(forget)],
        ...[around.now, around.random],
      );
    });
    this.#program = program as unknown as Program;
  }

  /** Starts a process that knows nothing of the one before. */
  start(task: string): void {
    for (const forget of this.#forget) forget();
    this.enter(() => this.#program.start(task));
  }

  /** Does something inside, and then everything that follows from it until the process waits again. */
  enter(work: () => void): void {
    const [next, isInside] = [this.#next, this.isInside];
    this.#next = work;
    this.isInside = true;
    try {
      RUN.runInContext(this.#context);
    } finally {
      this.#next = next;
      this.isInside = isInside;
    }
  }

  error(message: string, parts: object = {}): Error {
    return Object.assign(new this.#Error(message), parts);
  }
}
