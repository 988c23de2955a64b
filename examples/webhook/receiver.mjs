// A webhook receiver on loopback, as somebody else would write it: it checks the signature with the library of Standard
// Webhooks, ignores what it has seen, and can be told to answer a subject with something else than 200.
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

/** `answers`: by subject, the status codes of its first requests, in order. Resolves to {url, received, close}. */
export function startReceiver(secret, answers = {}) {
  const webhook = new Webhook(secret);
  const received = new Map();
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const answer = (status, value) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    try {
      webhook.verify(body, request.headers);
    } catch (error) {
      return answer(401, { error: String(error.message) });
    }
    const { data } = JSON.parse(body);
    const status = answers[data.subject]?.shift() ?? 200;
    if (status !== 200) return answer(status, { error: `told to answer ${status}` });
    const id = request.headers['webhook-id'];
    if (!received.has(id)) received.set(id, { number: received.size + 1, title: data.title });
    return answer(200, { id: `ticket-${received.get(id).number}` });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({ url: `http://127.0.0.1:${server.address().port}/hook`, received, close: () => server.close() }));
  });
}
