import type { Behaviour } from '../../support/loopback-receiver.ts';

/** A workspace of its own, as an input sees it. */
export interface Arena {
  root: string;
  state: string;
  /** A folder outside of the workspace that nobody may touch. */
  outside: string;
  /** Paths are those below the workspace. */
  write(path: string, content: string | Uint8Array): void;
  link(path: string, target: string): void;
}

/** By which way something comes in. */
export type Door = 'documents' | 'arguments' | 'ingest' | 'inbox' | 'confirmations' | 'state' | 'secrets' | 'answers';

/** One thing that no reasonable person would say to this program. */
export interface Hostile {
  door: Door;
  /** Unique within its door. */
  name: string;
  /** Puts it where it does its harm. */
  prepare?: (arena: Arena) => void | Promise<void>;
  /** What is run, one after the other. */
  commands: readonly (readonly string[])[];
  /** Standard input of every one of them. */
  input?: string | Uint8Array;
  /** What the receiver of the workspace does with every request. */
  answer?: Behaviour;
  /** Exit codes of the first command, where not every documented one will do. */
  codes?: readonly number[];
  /** Whether an event that has nothing to do with it must have come to its end. */
  goodGoesOn?: boolean;
}

/** What moves a terminal, rings it, sets its title, reorders what it shows, and looks like a line of our own. */
export const ESCAPES = 'a\u001b]0;owned\u0007\u009b2J\u202eb\u001b[31m\u2066\r\n\u200bok: nothing needs a human\u0000'.replace('\u0000', '\u0001');
