import { createHash } from 'node:crypto';
import { closeSync, constants, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The tag at the end of every message of rgov: the name of its notice, which begins with the day and the time. */
const TAG = /\[rg:((\d{4})(\d\d)(\d\d)T\d{6}\.\d{3}Z_[A-Za-z0-9.-]+_[A-Za-z0-9.-]+_[0-9a-f]{12})\]\s*$/;
const MAX_WORDS = 1_000;
const MAX_WAITING = 1_000;
const RETRY_MS = 30_000;

/**
 * What a `message_sent` event says of a notice, as a Confirmation for `state/inbox/`; null if it says nothing of one, or proves nothing.
 * A message that carries the tag of a notice but not its title is not that notice, whoever wrote it.
 */
export function statementOf(event, state, now) {
  const { content, success, messageId, error } = event ?? {};
  const tag = typeof content === 'string' ? TAG.exec(content) : null;
  if (tag === null) return null;
  const [, notice, year, month, day] = tag;
  if (!content.replace(/\s+/g, ' ').includes(titleOf(join(state, 'queue', `${year}-${month}-${day}`, `${notice}.json`)))) return null;
  const about = { apiVersion: 'reporting-governance/v1', kind: 'Confirmation', handoff: notice, by: 'openclaw', at: now.toISOString() };
  if (success === true) {
    const reference = typeof messageId === 'number' ? String(messageId) : messageId;
    return typeof reference === 'string' && reference.trim() !== '' ? { ...about, evidence: 'accepted', reference } : null;
  }
  if (success !== false) return null;
  return { ...about, failed: typeof error === 'string' && error.trim() !== '' ? error.slice(0, MAX_WORDS) : 'OpenClaw could not deliver it' };
}

/** A title that no message can have, where there is no such notice. */
function titleOf(path) {
  try {
    const { title } = JSON.parse(readFileSync(path, 'utf8'));
    return typeof title === 'string' && title.trim() !== '' ? title.replace(/\s+/g, ' ').trim() : '\0';
  } catch {
    return '\0';
  }
}

/**
 * Puts statements into the drop folder of rgov, each by rename, on disk when that returns: a few milliseconds, whether or not rgov runs or is
 * slow. The same word said twice is the same file. What cannot be written is tried again for as long as the gateway lives.
 */
export class Outbox {
  #inbox;
  #log;
  #waiting = new Map();
  #timer = null;

  constructor(state, log) {
    this.#inbox = join(state, 'inbox');
    this.#log = log;
  }

  put(statement) {
    this.#waiting.set(nameOf(statement), statement);
    // The oldest one goes: rgov still calls its notice pending, which is true.
    if (this.#waiting.size > MAX_WAITING) this.#waiting.delete(this.#waiting.keys().next().value);
    this.flush();
  }

  /** Writes what is waiting. */
  flush() {
    try {
      for (const [name, statement] of this.#waiting) {
        drop(this.#inbox, name, `${JSON.stringify(statement, null, 2)}\n`);
        this.#waiting.delete(name);
      }
    } catch (error) {
      this.#log?.error?.(`what became of ${this.#waiting.size} notices could not be written to ${this.#inbox} (${error.code}); it is tried again`);
      this.#timer ??= setTimeout(() => {
        this.#timer = null;
        this.flush();
      }, RETRY_MS).unref();
    }
  }
}

function nameOf({ handoff, evidence, reference, failed }) {
  const said = createHash('sha256')
    .update(JSON.stringify([evidence, reference, failed]))
    .digest('hex')
    .slice(0, 12);
  return `openclaw-${handoff}-${said}.json`;
}

/** Names that begin with a dot are not read. */
function drop(inbox, name, text) {
  mkdirSync(inbox, { recursive: true, mode: 0o700 });
  const temporary = join(inbox, `.${process.pid}-${name}`);
  const file = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW, 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, join(inbox, name));
  const folder = openSync(inbox, constants.O_RDONLY);
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
