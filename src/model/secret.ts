import { inspect } from 'node:util';
import type { RgovError } from './errors.ts';

/** Where a secret is found; what documents hold instead of it. */
export type SecretRef = { env: string } | { file: string } | { command: string[] };

/** Reads a reference at the last moment. Throws {@link RgovError} of kind `invalid_documents` if there is nothing there. */
export type ResolveSecret = (reference: SecretRef) => Secret;

/** A resolved secret: it can be used where it is needed, and refuses to be printed, logged or serialised. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself: pass it straight to what needs it, keep it nowhere. */
  reveal(): string {
    return this.#value;
  }

  /** Text that came from outside, with the secret taken out of it. */
  redact(text: string): string {
    return this.#value === '' ? text : text.replaceAll(this.#value, '[secret]');
  }

  toJSON(): never {
    throw new TypeError('a secret refuses to be serialised');
  }

  toString(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

export function isSecretRef(value: unknown): value is SecretRef {
  if (typeof value !== 'object' || value === null) return false;
  const keys = Object.keys(value);
  const [inner] = Object.values(value);
  if (keys.length !== 1) return false;
  return keys[0] === 'command'
    ? Array.isArray(inner) && inner.length > 0 && inner.every((part) => typeof part === 'string')
    : (keys[0] === 'env' || keys[0] === 'file') && typeof inner === 'string';
}
