// A webhook receiver in a process of its own: answers 200 with an id to every POST, says its port on standard output, and
// on request how many requests and bytes came, or when a number of them is reached.
import { createServer } from 'node:http';

let count = 0;
let bytes = 0;
let target = Number.POSITIVE_INFINITY;
const server = createServer((request, response) => {
  request.on('data', (chunk) => {
    bytes += chunk.length;
  });
  request.on('end', () => {
    count++;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(`{"id":"m-${count}"}`);
    tell();
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.on('message', ({ seen }) => {
  target = seen;
  tell();
});
process.on('disconnect', () => process.exit(0));

function tell() {
  if (count < target) return;
  target = Number.POSITIVE_INFINITY;
  process.send({ count, bytes });
}
