import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import type { Notice } from '../../src/model/artifacts.ts';
import type { Outcome } from '../../src/model/outcome.ts';

/** What every recipe must have an answer for. */
export const MUST_SHOW = ['success', 'refused credentials', 'rate limited', 'server error', 'unknown body'] as const;
/** What an answer that shows this may come to; the fixture says which of them, and in what words. */
export const MAY_BECOME: Record<(typeof MUST_SHOW)[number] | 'refusal', Outcome['kind'][]> = {
  success: ['proved', 'custody'],
  'refused credentials': ['rejected'],
  'rate limited': ['retryable'],
  'server error': ['retryable', 'ambiguous'],
  'unknown body': ['ambiguous'],
  // Anything else that the provider documents: a channel that is gone, a malformed request.
  refusal: ['rejected', 'retryable', 'ambiguous'],
};

/** A notice with its settings, and the request that it must become. */
export interface RequestFixture {
  name: string;
  /** Changes to the standard notice. */
  notice?: Partial<Notice>;
  acknowledgeUrl?: string;
  address?: string;
  /** In the clear, all of them made up; the runner hands over as references what the recipe declares secret. */
  settings?: Record<string, string | number | boolean>;
  expect: { method: string; url: string; headers?: Record<string, string>; json?: unknown; form?: Record<string, string>; text?: string };
}

/** What the provider answers, after the documentation that the file names, and what that must be understood as. */
export interface AnswerFixture {
  name: string;
  shows: keyof typeof MAY_BECOME;
  status: number;
  headers?: Record<string, string>;
  json?: unknown;
  body?: string;
  /** Members of the outcome; the reference `digest` stands for the digest of the body. */
  expect: Record<string, unknown> & { kind: Outcome['kind'] };
}

/** The provider's own limit for one member of the request, or (no pointer) for its whole body. */
interface LimitFixture {
  pointer?: string;
  max: number;
  measure: 'characters' | 'units' | 'bytes';
  /** It carries {message}, so that it ends in the tag with the notice's id. */
  message?: boolean;
}

export interface Fixtures {
  requests: RequestFixture[];
  answers: AnswerFixture[];
  limits: LimitFixture[];
}

/** Everything in the YAML files of `folder`; empty where there is no such folder. */
export function readFixtures(folder: string): Fixtures {
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.yaml')) : [];
  const all = files.sort().map((name) => parse(readFileSync(join(folder, name), 'utf8')) as Partial<Fixtures>);
  return {
    requests: all.flatMap((file) => file.requests ?? []),
    answers: all.flatMap((file) => file.answers ?? []),
    limits: all.flatMap((file) => file.limits ?? []),
  };
}

interface Parameter {
  secret?: boolean;
  optional?: boolean;
  default?: string | number | boolean;
}

export interface Recipe {
  name: string;
  document: unknown;
  ceiling: 'accepted' | 'relayed' | 'delivered' | 'seen' | 'acknowledged' | 'none';
  idempotent: boolean;
  description: string;
  config: Record<string, unknown> & {
    source: string;
    address?: { secret?: boolean };
    parameters?: Record<string, Parameter>;
    request: Record<string, unknown> & { url: string };
  };
}

interface BindingDocument {
  metadata: { name: string; description?: string };
  spec: { kind: string; ceiling: Recipe['ceiling']; idempotent: boolean; with: Recipe['config'] };
}

/** The sender bindings in `folder` that are HTTP recipes. */
export function readRecipes(folder: string): Recipe[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => ({ name: basename(name, '.yaml'), document: parse(readFileSync(join(folder, name), 'utf8')) as BindingDocument }))
    .filter(({ document }) => document.spec.kind === 'http')
    .map(({ name, document: { metadata, spec }, document }) => ({
      name,
      document,
      ceiling: spec.ceiling,
      idempotent: spec.idempotent,
      description: metadata.description ?? '',
      config: spec.with,
    }));
}
