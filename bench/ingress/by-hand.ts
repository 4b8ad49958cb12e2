import { hostsOf, UPSTREAM } from './routes.ts';

/** What a proxy by hand is configured with. */
export interface ByHand {
  readonly folder: string;
  readonly address: string;
  readonly http: number;
  readonly https: number;
  readonly routes: number;
}

/** The answer of the upstream, and nginx as what gives it. */
export function upstreamConfiguration(folder: string): string {
  return `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log stderr error;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 10000000; ${temporaryFolders(folder)}
  server { listen ${UPSTREAM} backlog=4096; location / { return 200 "ok\\n"; } }
}
`;
}

function temporaryFolders(folder: string): string {
  return ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(' ');
}

/** nginx: a server for each host, kept-alive upstreams, the usual headers, a buffered access log. */
export function nginxConfiguration({ folder, address, http, https, routes }: ByHand): string {
  const servers = hostsOf(routes).map((host, at) => {
    // Options of a socket may be given once.
    const options = at === 0 ? ' backlog=4096' : '';
    return `  server {
    listen ${address}:${http}${options}; listen ${address}:${https} ssl http2${options}; server_name ${host};
    location / { proxy_pass http://web; }
  }`;
  });
  return `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log stderr error;
events { worker_connections 4096; }
http {
  access_log ${folder}/access.log combined buffer=64k; keepalive_requests 10000000; ${temporaryFolders(folder)}
  server_names_hash_max_size 65536; server_names_hash_bucket_size 128;
  ssl_certificate ${folder}/crt.pem; ssl_certificate_key ${folder}/key.pem; ssl_protocols TLSv1.2 TLSv1.3;
  upstream web { server ${UPSTREAM}; keepalive 64; keepalive_requests 10000000; }
  proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
  proxy_set_header X-Request-ID $request_id; proxy_set_header X-Real-IP $remote_addr;
  proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Host $host;
  proxy_set_header X-Forwarded-Port $server_port; proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-Scheme $scheme; proxy_set_header X-Scheme $scheme;
${servers.join('\n')}
}
`;
}

/** HAProxy: a map from host to backend, nginx's retries and limit, the same headers, an access log through a ring. */
export function haproxyConfiguration({ folder, address, http, https }: ByHand): string {
  return `global
  nbthread 1
  log ring@access len 4096 local0 info
  ssl-default-bind-options ssl-min-ver TLSv1.2
ring access
  format raw
  maxlen 4096
  size 4194304
  timeout connect 1s
  timeout server 5s
  server here uxst@${folder}/access.sock
defaults
  mode http
  log global
  option httplog
  option redispatch 1
  retries 2
  retry-on conn-failure empty-response response-timeout
  timeout connect 5s
  timeout client 75s
  timeout server 60s
frontend door
  bind ${address}:${http} backlog 4096
  bind ${address}:${https} ssl crt ${folder}/both.pem alpn h2,http/1.1 backlog 4096
  http-request deny deny_status 413 if { req.hdr_val(content-length) gt 1048576 }
  use_backend %[req.hdr(host),lower,map_str(${folder}/hosts.map)]
backend web
  http-request set-header X-Request-ID %[uuid()]
  http-request set-header X-Real-IP %[src]
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Port %[dst_port]
  http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]
  http-request set-header X-Forwarded-Scheme %[ssl_fc,iif(https,http)]
  http-request set-header X-Scheme %[ssl_fc,iif(https,http)]
  server web ${UPSTREAM}
`;
}
