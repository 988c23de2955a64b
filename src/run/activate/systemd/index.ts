import { join } from 'node:path';
import { attempt } from '../attempt.ts';
import { filePiece } from '../file-piece.ts';
import type { Activation, ActivationKind } from '../kind.ts';
import type { NextCommand, Piece } from '../piece.ts';
import { bridgeWarnings, noSchedule, scheduleWords } from '../schedule-words.ts';
import { environmentSecrets } from '../secrets.ts';
import type { Site } from '../site.ts';
import { linkPiece } from './link-piece.ts';
import { type Manager, managerOf } from './manager.ts';
import { passService, timer, watchService } from './units.ts';

const MODE = 0o644;

/** A service with a timer, or one that stays. */
export const systemd: ActivationKind = {
  name: 'systemd',
  summary: 'a service and a timer; with --watch a service that stays',
  scopes: ['user', 'system'],
  canWatch: true,
  describe,
};

function describe(site: Site): Activation {
  const manager = managerOf(site);
  const watch = site.options.watch || site.catalog.activation.systemd?.watch === true;
  const { value: timerText, refusal } = attempt('', () => (watch ? '' : timerOf(site)));
  const { text, warnings } = watch ? watchService(site, manager) : passService(site, manager);
  const units = { service: `rgov-${site.slug}.service`, timer: `rgov-${site.slug}.timer` };
  const unit = (name: string, content: string, why: string): Piece =>
    filePiece({ owner: site.owner, path: join(manager.folder, name), mode: MODE, text: content, comment: '#', why });
  const link = (name: string, target: string, why: string): Piece =>
    linkPiece(join(manager.folder, `${target}.wants`, name), join(manager.folder, name), why);
  const stays = [link(units.service, manager.wantedBy, 'starts the watcher with the machine')];
  const passes = [
    unit(units.timer, timerText, 'starts the service as spec.schedule says'),
    link(units.timer, 'timers.target', 'starts the timer with the machine, as systemctl enable would'),
  ];
  const why = watch
    ? 'reacts at once to whatever is recorded or dropped, and is started again when it fails'
    : 'makes one pass and ends; no shell reads its command';
  return {
    summary: `${watch ? 'rgov watch' : scheduleWords(site.catalog.schedule)}, by the ${manager.scope} manager of systemd`,
    pieces: [unit(units.service, text, why), ...(watch ? stays : passes)],
    leftovers: watch ? passes : stays,
    next: commands(manager, units, watch),
    warnings: [...warnings, ...warningsOf(site)],
    refusal,
  };
}

function timerOf(site: Site): string {
  const { schedule, binding } = site.catalog;
  if (schedule === null) throw noSchedule(binding);
  return timer(site, schedule);
}

function commands({ systemctl, scope }: Manager, units: { service: string; timer: string }, watch: boolean): Activation['next'] {
  const started = watch ? units.service : units.timer;
  const linger: NextCommand[] =
    scope === 'user'
      ? [{ command: 'loginctl enable-linger', why: 'without it your units end when you log out, and do not start with the machine' }]
      : [];
  return {
    written: [
      {
        command: `${systemctl} daemon-reload && ${systemctl} restart ${started}`,
        why: 'the manager reads the units and begins; it is enabled already',
      },
      ...linger,
    ],
    removed: [
      { command: `${systemctl} stop ${units.timer} ${units.service}; ${systemctl} daemon-reload`, why: 'what runs goes on until it is stopped' },
    ],
  };
}

function warningsOf({ catalog }: Site): string[] {
  const names = catalog.activation.systemd?.environmentFile === undefined ? environmentSecrets(catalog) : [];
  return [
    ...names.map(
      (name) =>
        `the secret {env: ${name}} is not passed on by systemd: use {file: PATH}, or let spec.activation.systemd.environmentFile name a file that sets it`,
    ),
    ...bridgeWarnings(catalog),
  ];
}
