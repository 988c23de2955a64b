import type { EvidenceLevel } from '../../model/evidence.ts';
import type { SecretRef } from '../../model/secret.ts';

export type Scalar = string | number | boolean;
export type Json = null | Scalar | Json[] | { [key: string]: Json };

interface Parameter {
  description: string;
  secret?: boolean;
  optional?: boolean;
  default?: Scalar;
}

export type Place = { pointer: string } | { header: string };
export type Reference = Place | { digest: true };

export interface Condition {
  pointer?: string;
  equals?: Scalar | null;
  in?: (Scalar | null)[];
  exists?: boolean;
  text?: string;
}

export interface AnswerRule {
  when: { status: (number | string)[]; body?: Condition[]; headers?: Record<string, string> };
  then: Extract<EvidenceLevel, 'accepted' | 'relayed' | 'delivered'> | 'custody' | 'retryable' | 'rejected' | 'ambiguous';
  reference?: Reference | Reference[];
  who?: string;
  retryAfter?: { pointer?: string; header?: string; unit?: 's' | 'ms' | 'unix' };
  reason?: string | Place;
}

export interface RecipeRequest {
  method?: string;
  url: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  auth?: { basic?: { user: string; password: string }; bearer?: string };
  json?: Json;
  form?: Record<string, string>;
  text?: string;
}

/** What {map.NAME} can be of. */
type Mapped = 'severity' | 'eventType' | 'subject' | 'target' | 'rule';

/** `with:` of a sender of kind `http`, as `config.schema.json` has checked it. */
export interface Recipe {
  source: string;
  address?: { description: string; secret?: boolean; optional?: boolean };
  parameters?: Record<string, Parameter>;
  settings?: Record<string, Scalar | SecretRef>;
  allowHosts?: string[];
  request: RecipeRequest;
  message?: { max: number; measure?: 'characters' | 'units' | 'bytes'; escape?: 'none' | 'html' | 'markdown'; title?: boolean; titleMax?: number };
  maps?: Record<string, { of: Mapped; values: Record<string, Scalar>; default?: Scalar }>;
  answers: AnswerRule[];
}

/** A member of an object that only has own members of its own: no `constructor` that nobody wrote. */
export function own<T>(record: Record<string, T> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}
