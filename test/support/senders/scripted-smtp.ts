import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** Where a session can be made to take another turn; `message` is the end of the message. */
export type Step = 'greeting' | 'EHLO' | 'STARTTLS' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'message' | 'QUIT';

/** A reply without its line end, or something worse. */
type Turn = string | { raw: string } | 'hang' | 'close' | 'reset';

interface ReceivedMail {
  /** The commands of its session up to here, as they came. */
  commands: string[];
  /** Header and body, dots unstuffed. */
  text: string;
}

export interface ScriptedServer {
  port: number;
  /** Sessions so far. */
  connections: number;
  /** Sessions that are open now. */
  open(): number;
  /** Mails whose final dot arrived, whatever was answered. */
  mails: ReceivedMail[];
  /** Every command of every session. */
  commands: string[];
  close(): Promise<void>;
}

const ANSWERS: Record<Step, string> = {
  greeting: '220 loopback ESMTP',
  EHLO: '250 loopback',
  STARTTLS: '502 5.5.1 not implemented',
  AUTH: '235 2.7.0 welcome',
  MAIL: '250 2.1.0 ok',
  RCPT: '250 2.1.5 ok',
  DATA: '354 go on',
  message: '250 2.0.0 Ok: queued as 4XyZ12',
  QUIT: '221 2.0.0 bye',
};

/** An SMTP server on 127.0.0.1 that says yes to everything but what `turns` says. */
export async function startScriptedServer(turns: Partial<Record<Step, Turn>> = {}, extensions = ['PIPELINING', 'DSN']): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  const scripted: ScriptedServer = { port: 0, connections: 0, open: () => sockets.size, mails: [], commands: [], close };
  const server = createServer((socket) => {
    scripted.connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    converse(socket, turns, extensions, scripted);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  scripted.port = (server.address() as AddressInfo).port;
  return scripted;

  async function close(): Promise<void> {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  }
}

function converse(socket: Socket, turns: Partial<Record<Step, Turn>>, extensions: readonly string[], scripted: ScriptedServer): void {
  const commands: string[] = [];
  let pending = '';
  let inMessage = false;
  let over = false;
  let recipients = 0;
  const usual = (step: Step): string => {
    if (step === 'EHLO') return ehlo(extensions);
    // RFC 5321, section 3.3; what comes with the last reply of a pipelined group.
    return step === 'DATA' && recipients === 0 ? '554 5.5.1 no valid recipients' : ANSWERS[step];
  };
  const take = (step: Step): void => {
    const turn = turns[step] ?? usual(step);
    over = turn === 'hang' || turn === 'close' || turn === 'reset' || typeof turn === 'object';
    if (turn === 'reset') socket.resetAndDestroy();
    else if (turn === 'close') socket.end();
    else if (typeof turn === 'object') socket.end(turn.raw);
    else if (turn !== 'hang') socket.write(`${turn}\r\n`);
    if (step === 'RCPT' && String(turn).startsWith('2')) recipients++;
    if (step === 'DATA' && !over && String(turn).startsWith('3')) inMessage = true;
    if (step === 'QUIT' && !over) socket.end();
  };
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    pending += chunk;
    while (!over) {
      // An empty message is a dot at once.
      const mark = !inMessage ? '\r\n' : pending.startsWith('.\r\n') ? '.\r\n' : '\r\n.\r\n';
      const end = pending.indexOf(mark);
      if (end === -1) return;
      const part = pending.slice(0, end);
      pending = pending.slice(end + mark.length);
      if (inMessage) {
        inMessage = false;
        scripted.mails.push({ commands: [...commands], text: `${part}\r\n`.replace(/^\./gm, '') });
        take('message');
      } else {
        commands.push(part);
        scripted.commands.push(part);
        const verb = part.split(' ')[0]?.toUpperCase() ?? '';
        if (Object.hasOwn(ANSWERS, verb)) take(verb as Step);
        else socket.write('500 5.5.1 what?\r\n');
      }
    }
  });
  take('greeting');
}

function ehlo(extensions: readonly string[]): string {
  const lines = ['loopback', ...extensions];
  return lines.map((line, i) => `250${i === lines.length - 1 ? ' ' : '-'}${line}`).join('\r\n');
}
