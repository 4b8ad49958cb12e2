// A worker that accepts connections on the descriptor it is given and hangs up: its own thread, as a server would be.
import { createServer } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const server = createServer((socket) => {
  // The other side may have hung up first.
  socket.on('error', () => {});
  socket.destroy();
});
server.listen({ fd: workerData as number }, () => parentPort?.postMessage('listening', []));
