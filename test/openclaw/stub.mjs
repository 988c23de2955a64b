// Stands in for the command `openclaw`: notes how it was called, and answers what the real one was recorded to answer.
//   STUB_LOG      a file that gets one line of JSON for every call: argv, token, what else it was given
//   STUB_ANSWERS  JSON: one answer a call, the last one for all further calls
//     {file, stderr, exit}   prints these recorded files      {print, exit}   prints this text, $TOKEN replaced
//     {hang: true}           ends after minutes only          {flood: bytes, exit}   prints one line without end
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

const { STUB_LOG = '', STUB_ANSWERS = '[]', OPENCLAW_GATEWAY_TOKEN: token = '' } = process.env;
const calls = existsSync(STUB_LOG) ? readFileSync(STUB_LOG, 'utf8').trim().split('\n').length : 0;
const answers = JSON.parse(STUB_ANSWERS);
const answer = answers[Math.min(calls, answers.length - 1)];
const params = JSON.parse(process.argv[process.argv.indexOf('--params') + 1] ?? '{}');
appendFileSync(STUB_LOG, `${JSON.stringify({ argv: process.argv.slice(2), params, token, env: Object.keys(process.env) })}\n`);

// Whoever started it may be gone by then.
if (answer.hang) setTimeout(() => {}, 5 * 60_000);
if (answer.print !== undefined) process.stdout.write(answer.print.replaceAll('$TOKEN', token));
if (answer.flood !== undefined) process.stdout.write('{"messageId":"'.padEnd(answer.flood, 'x'));
if (answer.file !== undefined) process.stdout.write(readFileSync(answer.file));
if (answer.stderr !== undefined) process.stderr.write(readFileSync(answer.stderr));
process.exitCode = answer.exit ?? 0;
