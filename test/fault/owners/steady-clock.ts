import { existsSync } from 'node:fs';

/** Where Debian's package `libfaketime` puts its library, on each of its architectures. */
const PLACES = ['x86_64-linux-gnu', 'aarch64-linux-gnu', 'arm-linux-gnueabihf', 'i386-linux-gnu'].map(
  (architecture) => `/usr/lib/${architecture}/faketime/libfaketime.so.1`,
);

export const FAKETIME = PLACES.find((path) => existsSync(path));

/** Why no clock can be set here; null if one can. */
export const whyNoClock = (): string | null => (FAKETIME === undefined ? "Debian's package libfaketime is not installed" : null);

/** The environment of a process whose steady clock (and with it the other one) is so many seconds ahead of those with 0. */
export const steadyClockAhead = (seconds: number): Record<string, string> => ({
  LD_PRELOAD: FAKETIME ?? '',
  FAKETIME: seconds < 0 ? `${seconds}` : `+${seconds}`,
  NO_FAKE_STAT: '1',
});

/** The environment of a process whose wall clock alone is so many seconds ahead. */
export const wallClockAhead = (seconds: number): Record<string, string> => ({ ...steadyClockAhead(seconds), FAKETIME_DONT_FAKE_MONOTONIC: '1' });
