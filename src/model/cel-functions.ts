import type { Environment } from '@marcbachmann/cel-js';
import { type CompiledPattern, compilePattern } from './pattern.ts';
import { parseTime } from './time.ts';

// The library's own versions of these functions backtrack (matches) or read the machine's time zone (timestamp, getHours(zone) ...).
// An expression that calls one of them is turned to the versions below, which depend on nothing but their arguments.

const PREFIX = '__';
const TIMESTAMP = 'google.protobuf.Timestamp';
const DAY_MS = 86_400_000;
const LAST_TIME_MS = 253_402_300_799_999;
const FIRST_TIME_MS = -62_135_596_800_000;

const MAX_REMEMBERED_PATTERNS = 500;

const TIME_PARTS: Record<string, (local: Date) => number> = {
  getFullYear: (local) => local.getUTCFullYear(),
  getMonth: (local) => local.getUTCMonth(),
  getDate: (local) => local.getUTCDate(),
  getDayOfMonth: (local) => local.getUTCDate() - 1,
  getDayOfWeek: (local) => local.getUTCDay(),
  getDayOfYear: (local) => Math.floor((local.getTime() - Date.UTC(local.getUTCFullYear(), 0, 1)) / DAY_MS),
  getHours: (local) => local.getUTCHours(),
  getMinutes: (local) => local.getUTCMinutes(),
  getSeconds: (local) => local.getUTCSeconds(),
  getMilliseconds: (local) => local.getUTCMilliseconds(),
};

const patterns = new Map<string, CompiledPattern>();

/** The name under which a call is answered, or null if the library's own function is as good. */
export function pureNameOf(name: string, method: boolean, argumentCount: number): string | null {
  if (name === (method ? 'matches' : 'timestamp') && argumentCount === 1) return PREFIX + name;
  if (method && Object.hasOwn(TIME_PARTS, name) && (argumentCount === 1 || name === 'getDayOfYear')) return PREFIX + name;
  return null;
}

/** Whether a name as written is one of ours; expressions must not call them directly. */
export function isReservedName(name: string): boolean {
  return name.startsWith(PREFIX);
}

/** Library messages name functions as the author wrote them. */
export function withoutPrefix(message: string): string {
  return message.replace(/\b__(?=[a-z])/g, '');
}

export function patternOf(source: string): CompiledPattern {
  let compiled = patterns.get(source);
  if (!compiled) {
    compiled = compilePattern(source);
    if (patterns.size >= MAX_REMEMBERED_PATTERNS) patterns.clear();
    patterns.set(source, compiled);
  }
  return compiled;
}

export function registerPureFunctions(environment: Environment): Environment {
  const pure = { async: false };
  environment.registerFunction(`string.${PREFIX}matches(string): bool`, matches, pure);
  environment.registerFunction(`${PREFIX}timestamp(string): ${TIMESTAMP}`, (text: string) => inRange(parseTime(text)), pure);
  environment.registerFunction(`${PREFIX}timestamp(int): ${TIMESTAMP}`, (seconds: bigint) => inRange(Number(seconds) * 1000), pure);
  environment.registerFunction(`${TIMESTAMP}.${PREFIX}getDayOfYear(): int`, (time: Date) => partOf('getDayOfYear', time), pure);
  for (const name of Object.keys(TIME_PARTS)) {
    environment.registerFunction(`${TIMESTAMP}.${PREFIX}${name}(string): int`, (time: Date, zone: string) => partOf(name, inZone(time, zone)), pure);
  }
  return environment;
}

function matches(text: string, source: string): boolean {
  const compiled = patternOf(source);
  if (!compiled.ok) throw new Error(`matches(): ${compiled.message}`);
  return compiled.pattern.test(text);
}

function inRange(time_ms: number | null): Date {
  if (time_ms === null) throw new Error('timestamp(): not a time as RFC 3339 writes it, with a zone');
  if (time_ms < FIRST_TIME_MS || time_ms > LAST_TIME_MS) throw new Error('timestamp(): outside the years 1 to 9999');
  return new Date(time_ms);
}

function partOf(name: string, local: Date): bigint {
  return BigInt((TIME_PARTS[name] as (local: Date) => number)(local));
}

/** A date whose UTC fields read as clocks in that zone do. */
function inZone(time: Date, zone: string): Date {
  const offset = /^([+-]?)(\d\d):(\d\d)$/.exec(zone);
  if (offset) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3]);
    return new Date(time.getTime() + (offset[1] === '-' ? -minutes : minutes) * 60_000);
  }
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
      .formatToParts(time)
      .map(({ type, value }) => [type, Number(value)]),
  ) as Record<string, number>;
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second, time.getUTCMilliseconds()));
}
