// A worker that accepts connections on the descriptor it is given: a thread of its own, as a server would have.
import { createServer } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const server = createServer((socket) => {
  // The client ends every connection with a reset.
  socket.on('error', () => {}).resume();
});
server.listen({ fd: workerData as number }, () => parentPort?.postMessage('listening', []));
