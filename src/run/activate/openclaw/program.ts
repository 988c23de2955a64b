import { isObject, type JsonObject } from '../../../adapters/foreign.ts';
import type { Catalog } from '../../../model/catalog.ts';
import { RgovError } from '../../../model/errors.ts';
import { parseStrict } from '../../../model/json.ts';
import { oneLine, truncate } from '../../../model/text.ts';
import { runChild } from '../../child.ts';
import { shellWord } from '../quote.ts';
import type { Site } from '../site.ts';

/** The slowest of its commands that is needed here took 17 s on a quiet machine. */
const LIMIT_MS = 180_000;

/** Whether a binding listens to an OpenClaw, or sends through one. */
export const usesOpenClaw = ({ sources, senders }: Catalog): boolean =>
  sources.some(({ adapter }) => adapter === 'openclaw') || Object.values(senders).some(({ kind }) => kind === 'openclaw');

/** How the binding calls the program: as its source does, or its sender; else by its name. */
export function openclawArgv({ sources, senders }: Catalog): string[] {
  for (const { adapter, from } of sources) {
    const end = adapter === 'openclaw' && from.kind === 'command' ? from.argv.indexOf('tasks') : -1;
    if (end > 0 && from.kind === 'command') return from.argv.slice(0, end);
  }
  const sender = Object.values(senders).find(({ kind }) => kind === 'openclaw');
  const { argv } = (sender?.config ?? {}) as { argv?: string[] };
  return argv ?? ['openclaw'];
}

/** What it prints, or `state_io` with its own words where it fails. */
export interface OpenClaw {
  run(...args: string[]): Promise<Buffer>;
  /** The same for what it prints as JSON. */
  ask(...args: string[]): Promise<JsonObject>;
}

/**
 * OpenClaw's own command line, which alone may change what is OpenClaw's: its configuration holds tokens. It gets the environment of this
 * process, by which it finds its configuration (`OPENCLAW_CONFIG_PATH`, `OPENCLAW_STATE_DIR`, `HOME`).
 */
export class OpenClawProgram implements OpenClaw {
  readonly #argv: string[];
  readonly #site: Pick<Site, 'catalog' | 'root' | 'env'>;

  constructor(site: Pick<Site, 'catalog' | 'root' | 'env'>) {
    this.#argv = openclawArgv(site.catalog);
    this.#site = site;
  }

  async run(...args: string[]): Promise<Buffer> {
    const { root, env } = this.#site;
    const own = Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
    const end = await runChild([...this.#argv, ...args], { cwd: root, env: own, limit_ms: LIMIT_MS });
    if (end.how === 'exited' && end.status === 0) return end.output;
    const said = this.words(...args.slice(0, 2));
    if (end.how === 'not_started')
      throw new RgovError('state_io', `${this.#argv[0]} could not be started (${end.code})`, {
        hint: 'put the folder of openclaw into PATH, or name it in the command of the source',
      });
    if (end.how !== 'exited') throw new RgovError('state_io', `${said} did not come to its end`, { hint: this.words('doctor') });
    throw new RgovError('state_io', `${said} failed: ${complaintOf(end.output, end.complaint)}`, { hint: this.words('gateway', 'status') });
  }

  async ask(...args: string[]): Promise<JsonObject> {
    const parsed = parseStrict(await this.run(...args));
    if (parsed.ok && isObject(parsed.value)) return parsed.value;
    throw new RgovError('state_io', `${this.words(...args.slice(0, 2))} printed no JSON object`, { hint: this.words('--version') });
  }

  /** A command line that an operator can type. */
  words(...args: string[]): string {
    return [...this.#argv, ...args].map(shellWord).join(' ');
  }
}

/** With `--json` it says what is wrong on standard output, else on standard error. */
function complaintOf(output: Buffer, complaint: string): string {
  const parsed = parseStrict(output);
  const error = parsed.ok && isObject(parsed.value) && isObject(parsed.value['error']) ? parsed.value['error'] : {};
  const said = typeof error['message'] === 'string' ? error['message'] : complaint;
  return truncate(oneLine(said), 300) || 'it does not say why';
}
