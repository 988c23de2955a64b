// A webhook receiver in a process of its own: answers 200 with an id to every POST, and says its port on standard output.
import { createServer } from 'node:http';

let count = 0;
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    count++;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(`{"id":"m-${count}"}`);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.on('disconnect', () => process.exit(0));
