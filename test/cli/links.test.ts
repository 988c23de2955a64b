import { afterAll, beforeAll, expect, it } from 'vitest';
import { Place } from '../support/cli.ts';

let place: Place;
const GIT = 'git -c user.name=test -c user.email=test@example.org -c init.defaultBranch=main';

beforeAll(async () => {
  place = await Place.initialised();
  expect((await place.rgov(['run', '-s', 'job/x', '--', 'sh', '-c', 'exit 3'])).code).toBe(3);
  expect((await place.rgov(['reconcile'])).code).toBe(0);
});
afterAll(() => place.remove());

it('one failed run is exactly one chain', () => {
  const stages = ['events', 'decisions', 'queue', 'handoffs', 'receipts'];
  expect(Object.fromEntries(stages.map((stage) => [stage, place.artifacts(stage).length]))).toEqual({
    // Two of each: the start of the run is an event too, with a decision that asks for nothing.
    events: 2,
    decisions: 2,
    queue: 1,
    handoffs: 1,
    receipts: 1,
  });
  expect(place.artifacts('receipts')[0]).toMatchObject({ status: 'pending_external_send', evidence: [] });
});

it('sha256sum confirms every link', async () => {
  const links = Object.values(place.state()).flatMap((text) => [...text.matchAll(/"path": "([^"]+)",\s+"sha256": "([0-9a-f]{64})"/g)]);
  expect(links.length).toBeGreaterThanOrEqual(6);
  const list = links.map(([, path, hash]) => `${hash}  ${path}\n`).join('');
  const checked = await place.run('sha256sum', ['--check', '--strict'], { cwd: place.ws('state'), input: list });
  expect(checked.code, checked.stdout + checked.stderr).toBe(0);
  const spoiled = await place.run('sha256sum', ['--check', '--status'], {
    cwd: place.ws('state'),
    input: list.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
  });
  expect(spoiled.code).toBe(1);
});

it('a committed workspace stays clean: idle passes and reading commands write nothing that git sees', async () => {
  const committed = await place.sh(`${GIT} init -q && ${GIT} add -A && ${GIT} commit -qm all && ${GIT} ls-files`);
  expect(committed.code, committed.stderr).toBe(0);
  expect(committed.stdout).toMatch(/^state\/receipts\//m);
  expect(committed.stdout).not.toMatch(/\.cache|\.bell|\.pass|\.tmp/);
  const after = await place.sh(
    `rgov reconcile; rgov status; rgov plan; rgov explain failure-reaches; rgov validate; rgov reconcile; echo; echo ---; ${GIT} status --porcelain`,
  );
  expect(after.stdout.split('---\n')[1]).toBe('');
});

it('what happens next only adds files and rewrites subjects', async () => {
  await place.sh(
    'rgov run -s job/y -- false; rgov reconcile; rgov ack failure-reaches-operator_operator_$(ls state/queue/* | tail -1 | cut -d_ -f4 | cut -c1-12) --by alice',
  );
  const { stdout } = await place.sh(`${GIT} status --porcelain --untracked-files=all`);
  expect(stdout).toMatch(/^\?\? state\/receipts\/.*\.2\.acked\.json$/m);
  for (const line of stdout.trim().split('\n')) expect(line).toMatch(/^\?\? (state|notices)\//);
});

it('explain says which link is broken, with exit code 1', async () => {
  const tampered = await place.sh('f=$(ls -d state/events/*/*run.failed_job.x_*); sed -i \'s/"exitCode": 3/"exitCode": 4/\' $f; rgov explain $f');
  expect(tampered.code).toBe(1);
  expect(tampered.stdout).toContain('has other bytes than the artifact that it caused says');
});
