// Objects as kubectl takes them: JSON is YAML too.

export interface Container {
  readonly name?: string;
  /** For `sh -c`. */
  readonly script: string;
  readonly [field: string]: unknown;
}

/** A container of the built-in busybox that runs a script. */
export function container({ name = 'main', script, ...fields }: Container): object {
  return { name, image: 'busybox', command: ['sh', '-c', script], ...fields };
}

export interface PodFields {
  readonly labels?: Readonly<Record<string, string>>;
  readonly containers: readonly Container[];
  readonly [field: string]: unknown;
}

/** The pod template of {@link pod}: ends within a second, for no test has time to wait for a shell to be killed. */
export function template(name: string, { labels, containers, ...spec }: PodFields): object {
  return {
    metadata: { name, labels: { app: name, ...labels } },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: containers.map(container),
      ...spec,
    },
  };
}

/** A pod labelled `app: NAME`. */
export function pod(name: string, fields: PodFields): object {
  return { apiVersion: 'v1', kind: 'Pod', ...template(name, fields) };
}

/** A web server on port 8080 whose `/cgi-bin/who` says who asks and who answers. */
export const webServer: Container = {
  script: [
    'mkdir -p /www/cgi-bin',
    'echo "page of $HOSTNAME" > /www/index.html',
    `printf '#!/bin/sh\\necho\\necho "$REMOTE_ADDR asked $(hostname)"\\n' > /www/cgi-bin/who`,
    'chmod +x /www/cgi-bin/who',
    'exec httpd -f -p 8080 -h /www',
  ].join('\n'),
  ports: [{ name: 'http', containerPort: 8080 }],
};

/** Sleeps until it is told to end. */
export const sleeper: Container = { script: "trap 'exit 0' TERM; sleep 2147483647 & wait" };

/** Several objects in one manifest. */
export function manifest(...items: readonly object[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}
