import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface ChatMessage {
  role: string;
  content: unknown;
}

/** A user says `TOOL:exec {"command": "..."}` to have the model call that tool. */
const CALL = /TOOL:(\w+) (\{.*\})/s;

/**
 * A model behind the OpenAI API (https://platform.openai.com/docs/api-reference/chat), on 127.0.0.1: it calls the tool that the user names, then
 * repeats what the tool said; anything else is answered with "Hello."
 */
export class FakeModel {
  /** What it was told that tools said, in order. */
  readonly toolResults: string[] = [];
  asked = 0;
  port = 0;
  #server: Server | undefined;

  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#answer(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ object: 'list', data: [{ id: 'fake-1', object: 'model' }] }));
      return;
    }
    const { messages, stream } = JSON.parse(await textOf(request)) as { messages: ChatMessage[]; stream?: boolean };
    this.asked++;
    const delta = this.#reply(messages);
    const finish = 'tool_calls' in delta ? 'tool_calls' : 'stop';
    const about = { id: `chatcmpl-${this.asked}`, created: Math.floor(Date.now() / 1000), model: 'fake-1' };
    const usage = { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 };
    if (stream !== true) {
      response.writeHead(200, { 'content-type': 'application/json' });
      const choices = [{ index: 0, message: { role: 'assistant', ...delta }, finish_reason: finish }];
      response.end(JSON.stringify({ ...about, object: 'chat.completion', choices, usage }));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const chunk = (body: object): void => void response.write(`data: ${JSON.stringify({ ...about, object: 'chat.completion.chunk', ...body })}\n\n`);
    chunk({ choices: [{ index: 0, delta: { role: 'assistant', ...delta }, finish_reason: null }] });
    chunk({ choices: [{ index: 0, delta: {}, finish_reason: finish }] });
    chunk({ choices: [], usage });
    response.end('data: [DONE]\n\n');
  }

  #reply(messages: readonly ChatMessage[]): { content: string } | { content: null; tool_calls: object[] } {
    // What the runtime adds by itself comes as further messages of the user.
    const last = messages.findLast(
      ({ role, content }) => role === 'tool' || (role === 'user' && !plain(content).includes('OPENCLAW_INTERNAL_CONTEXT')),
    );
    const said = plain(last?.content);
    if (last?.role === 'tool') {
      this.toolResults.push(said);
      return { content: `Tool said: ${said}` };
    }
    const [, name, parameters] = CALL.exec(said) ?? [];
    if (name === undefined) return { content: 'Hello.' };
    return { content: null, tool_calls: [{ index: 0, id: `call_${this.asked}`, type: 'function', function: { name, arguments: parameters } }] };
  }
}

function plain(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: { text?: unknown }) => (typeof part.text === 'string' ? part.text : '')).join('\n');
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
