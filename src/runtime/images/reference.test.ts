import { equal, throws } from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseReference } from './reference.ts';

const digest = `sha256:${'a'.repeat(64)}`;

describe('parseReference', () => {
  for (const [text, canonical, familiar] of [
    ['nginx', 'docker.io/library/nginx:latest', 'nginx:latest'],
    ['nginx:1.27', 'docker.io/library/nginx:1.27', 'nginx:1.27'],
    ['bitnami/nginx', 'docker.io/bitnami/nginx:latest', 'bitnami/nginx:latest'],
    ['docker.io/nginx', 'docker.io/library/nginx:latest', 'nginx:latest'],
    ['index.docker.io/library/nginx', 'docker.io/library/nginx:latest', 'nginx:latest'],
    ['localhost/a/b', 'localhost/a/b:latest', 'localhost/a/b:latest'],
    ['localhost:5000/a', 'localhost:5000/a:latest', 'localhost:5000/a:latest'],
    ['[::1]:5000/a:2', '[::1]:5000/a:2', '[::1]:5000/a:2'],
    ['quay.io/team/app_x-y:v1.2', 'quay.io/team/app_x-y:v1.2', 'quay.io/team/app_x-y:v1.2'],
    [`nginx@${digest}`, `docker.io/library/nginx@${digest}`, `nginx@${digest}`],
    [`nginx:1@${digest}`, `docker.io/library/nginx:1@${digest}`, `nginx:1@${digest}`],
  ] as const) {
    it(`completes ${text}`, () => {
      const reference = parseReference(text);
      equal(reference.canonical, canonical);
      equal(reference.familiar, familiar);
    });
  }

  for (const text of [
    '',
    'Nginx',
    'nginx:',
    'a//b',
    'nginx:a b',
    'nginx@sha256:12',
    '../x',
    '-a',
    'x@',
    'a/../b',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      throws(() => parseReference(text), { code: 'INVALID_IMAGE_NAME' });
    });
  }
});
