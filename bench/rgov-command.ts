import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Runs the built program to its end in this folder. Throws unless its exit code is one of `allowed`. */
export function runRgov(program: string, cwd: string, args: readonly string[], allowed: readonly number[] = [0]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { cwd, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (!allowed.includes(status ?? -1)) throw new Error(`rgov ${args.join(' ')}: exit code ${status}\n${stderr}`);
  return stdout;
}

/** Milliseconds that a run of this command takes, from its start until its end is seen. */
export function timeOf(cwd: string, command: string, args: readonly string[], allowed: readonly number[] = [0]): number {
  const before = process.hrtime.bigint();
  const { status } = spawnSync(command, args, { cwd, stdio: 'ignore' });
  const ms = Number(process.hrtime.bigint() - before) / 1e6;
  if (!allowed.includes(status ?? -1)) throw new Error(`${command} ${args.join(' ')}: exit code ${status}`);
  return ms;
}

/** Largest resident set of one run, as the kernel counted it, in MiB. */
export function peakMemoryMiB(cwd: string, args: readonly string[]): number {
  const code = `import resource,subprocess,sys\nsubprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL)\nprint(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)`;
  const { stdout } = spawnSync('python3', ['-c', code, process.execPath, ...args], { cwd, encoding: 'utf8' });
  return Math.round(Number(stdout) / 1024);
}

/** A workspace whose failures go to one webhook on loopback. */
export function initWorkspace(program: string, workspace: string, port: number, sealAfter: string): void {
  runRgov(program, workspace, ['init', '.']);
  bindTo(workspace, port, sealAfter);
}

/** `more`: further lines of the binding's spec. */
export function bindTo(workspace: string, port: number, sealAfter: string, more = ''): void {
  writeFileSync(
    join(workspace, 'bindings/default.yaml'),
    `apiVersion: reporting-governance/v1
kind: RuntimeBinding
metadata: { name: default }
spec:
  profile: webhook
  state: state
  seal: { after: ${sealAfter} }
  targets: { operator: { sender: hook } }
  senders: { hook: { use: webhook, with: { url: "http://127.0.0.1:${port}/hook", allowHosts: [127.0.0.1] } } }
${more}`,
  );
}
