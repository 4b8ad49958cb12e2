// A server of every protocol that goes through an Ingress, run in pods: HTTP/1.1 with WebSocket and events on port 8080,
// HTTP/2 without TLS, as gRPC speaks it, on port 9090.
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2';
import { hostname } from 'node:os';
import { WebSocketServer } from 'ws';

function answer(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let count = 0;
    const timer = setInterval(() => response.write(`data: ${(count += 1)}\n\n`), 20);
    response.once('close', () => clearInterval(timer));
    return;
  }
  const { url, method, headers } = request;
  const page = `<title>${hostname()}</title><p id="path">${url}</p>`;
  const isPage = headers.accept?.includes('text/html') === true;
  response.setHeader('content-type', isPage ? 'text/html' : 'application/json');
  response.end(isPage ? page : JSON.stringify({ pod: hostname(), url, method, headers }));
}

const http = createHttp(answer);
new WebSocketServer({ server: http }).on('connection', (socket, request) => {
  socket.send(`hello from ${hostname()} at ${request.url}`);
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});
http.listen(8080);

/** A gRPC call that says what it is told, message by message, then its status in trailers. */
function call(stream: ServerHttp2Stream, path: string): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  const isKnown = path.startsWith('/echo.Echo/');
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': isKnown ? '0' : '12' }));
  if (isKnown) stream.pipe(stream);
  else stream.end();
}

createHttp2()
  .on('stream', (stream, headers) => call(stream, headers[':path'] ?? ''))
  .listen(9090);

// The first process of a container has no default action for signals.
process.once('SIGTERM', () => process.exit(0));
