import type { Provenance, Severity } from '../../model/artifacts.ts';
import { isSubject } from '../../model/subject.ts';
import { didYouMean } from '../../model/text.ts';
import { parseTime } from '../../model/time.ts';
import { isAttributeText, type JsonObject, quoted } from '../foreign.ts';

const SEVERITIES: readonly Severity[] = ['info', 'warning', 'error', 'critical'];
const PROVENANCES: readonly Provenance[] = ['observed', 'asserted', 'derived'];
const KNOWN = ['specversion', 'id', 'source', 'type', 'subject', 'time', 'severity', 'provenance', 'runid', 'datacontenttype', 'dataschema'];
/** Read elsewhere, or (when it was first written down) ours to say. */
const NOT_EXTENSIONS = new Set([...KNOWN, 'data', 'data_base64', 'recordedtime']);
const EXTENSION_NAME = /^[a-z0-9]{1,20}$/;
const TYPE = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
/** What RFC 3986 allows in no part of a reference; letters beyond ASCII are let through, as in RFC 3987. */
const NOT_IN_REFERENCE = /[\s<>"{}|\\^`]/u;
/** CloudEvents integers are signed and have 32 bits. */
const INT32_MAX = 2_147_483_647;

/**
 * The context attributes of one event, read one by one; every problem is noted, so that its sender can mend all of them at once.
 * A null attribute is an absent one (JSON Event Format for CloudEvents 1.0.2, section 2.2).
 */
export class Attributes {
  readonly problems: string[] = [];
  readonly #event: JsonObject;

  constructor(event: JsonObject) {
    this.#event = event;
  }

  /** Text of at most `max` characters, or undefined if the attribute is absent or (noted) wrong. */
  optional(name: string, max: number): string | undefined {
    const value = this.#event[name] ?? undefined;
    if (value === undefined) return undefined;
    if (typeof value !== 'string' || value === '') this.problems.push(`${name} must be text that is not empty, found ${quoted(value)}`);
    else if (value.length > max) this.problems.push(`${name} has ${value.length} characters; at most ${max} are allowed`);
    else if (!isAttributeText(value)) this.problems.push(`${name} holds control characters or broken Unicode`);
    else return value;
    return undefined;
  }

  required(name: string, max: number, why = ''): string | undefined {
    if ((this.#event[name] ?? undefined) === undefined) this.problems.push(`${name} is missing${why}`);
    return this.optional(name, max);
  }

  source(): string | undefined {
    const source = this.required('source', 512);
    return this.#fits(
      source,
      source === undefined || !NOT_IN_REFERENCE.test(source),
      () => `source must be a URI reference, found ${quoted(source)}`,
    );
  }

  type(): string | undefined {
    const type = this.required('type', 200);
    return this.#fits(type, TYPE.test(type ?? ''), () => `type may hold letters, digits, dots, dashes and underscores, found ${quoted(type)}`);
  }

  subject(): string | undefined {
    const subject = this.required('subject', 200, ': CloudEvents may go without one, here it says who owes the report, as in job/nightly-backup');
    return this.#fits(
      subject,
      isSubject(subject ?? ''),
      () => `subject must be words between slashes, as in job/nightly-backup, found ${quoted(subject)}`,
    );
  }

  time(): string | undefined {
    const time = this.optional('time', 64);
    return this.#fits(time, parseTime(time ?? '') !== null, () => `time must be RFC 3339, as in 2026-11-22T03:00:00Z, found ${quoted(time)}`);
  }

  severity(): Severity | undefined {
    return this.#oneOf('severity', SEVERITIES);
  }

  provenance(): Provenance | undefined {
    return this.#oneOf('provenance', PROVENANCES);
  }

  /** All other attributes. Names beyond 20 characters, which CloudEvents advises against, are refused here. */
  extensions(): Record<string, string | number | boolean> {
    const extensions: Record<string, string | number | boolean> = {};
    for (const [name, value] of Object.entries(this.#event)) {
      if (NOT_EXTENSIONS.has(name) || value === null) continue;
      if (!EXTENSION_NAME.test(name)) this.problems.push(badName(name));
      else if (typeof value === 'string' ? isAttributeText(value) : typeof value === 'boolean' || isInt32(value)) {
        extensions[name] = value as string | number | boolean;
      } else this.problems.push(`${name} must be text without controls, a 32-bit integer or a boolean, found ${quoted(value)}`);
    }
    return extensions;
  }

  #oneOf<T extends string>(name: string, words: readonly T[]): T | undefined {
    const value = this.#event[name] ?? undefined;
    if (value === undefined || words.includes(value as T)) return value as T | undefined;
    const near = typeof value === 'string' ? didYouMean(value, words) : null;
    this.problems.push(`${name} must be one of ${words.join(', ')}, found ${quoted(value)}${near === null ? '' : `; did you mean ${near}?`}`);
    return undefined;
  }

  /** The value if it fits; if it is there and does not, the problem is noted. */
  #fits(value: string | undefined, fits: boolean, problem: () => string): string | undefined {
    if (value === undefined || fits) return value;
    this.problems.push(problem());
    return undefined;
  }
}

function isInt32(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= -INT32_MAX - 1 && value <= INT32_MAX;
}

function badName(name: string): string {
  const near = didYouMean(name, KNOWN);
  return `${quoted(name)} is no attribute name: 1 to 20 of a-z and 0-9${near === null ? '' : `; did you mean ${near}?`}`;
}
