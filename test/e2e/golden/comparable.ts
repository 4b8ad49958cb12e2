interface Replacement {
  readonly pattern: RegExp;
  readonly by: string;
}

/** What differs between any two sessions, by one word for each. The order matters: later ones see the words. */
const sessions: readonly Replacement[] = [
  { pattern: /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d( \+0000 UTC|Z)/g, by: 'TIME' },
  { pattern: /\b10\.244\.\d+\.\d+(?!\/)\b/g, by: 'POD-IP' },
  { pattern: /\b10\.(9[6-9]|1[01]\d)\.\d+\.\d+\b/g, by: 'CLUSTER-IP' },
  // The recording's cluster had no cloud: its load balancers waited for ever.
  { pattern: /<pending>|\b172\.19\.\d+\.\d+\b/g, by: 'EXTERNAL-IP' },
  { pattern: /\b(kubernetes +IPv4) +\d+ +[\d.]+/g, by: '$1 API-SERVER' },
  { pattern: /\bnode\d\b/g, by: 'NODE' },
  { pattern: /\b80:3(?!2000)\d{4}\/TCP/g, by: '80:NODE-PORT/TCP' },
  { pattern: /-[a-z0-9]{8,10}-[a-z0-9]{5}\b/g, by: '-HASH-ID' },
  { pattern: /\b(nginx-app|newdeploy)-[a-z0-9]{8,10}\b/g, by: '$1-HASH' },
  { pattern: /\bnginx-app-[a-z0-9]{5}\b/g, by: 'nginx-app-ID' },
  { pattern: /pod-template-hash=[a-z0-9]+/g, by: 'pod-template-hash=HASH' },
  { pattern: /\b(\d+m)?\d+s\b/g, by: 'AGE' },
  { pattern: /^ +(resourceVersion|uid): .*$/gm, by: '$1: ID' },
  // Whether pods of a workload are still there depends on who is faster.
  { pattern: /^pod\/.* Terminating .*\n/gm, by: '' },
  { pattern: /^pod "\S+-HASH-ID" deleted\n?/gm, by: '' },
];

/** What the API says today and did not say in 1.20, or the other way round. */
const versions: readonly Replacement[] = [
  // Field ownership is not kept: nothing is applied by the server yet.
  { pattern: /^ {2}managedFields:\n(?: {2}[- ].*\n)+/gm, by: '' },
  { pattern: /^ {2}internalTrafficPolicy: .*\n/gm, by: '' },
  { pattern: /^ {2}ipFamilies:\n {2}- IPv4\n {2}ipFamilyPolicy: SingleStack\n/gm, by: '' },
  { pattern: /^IP Family Policy: +SingleStack\n/gm, by: '' },
  { pattern: /^IP Families: .*$/gm, by: 'IP Families: FAMILIES' },
];

/** A command's output as far as it is the same in every session, its columns one space apart. */
export function comparable(text: string): string {
  const replaced = [...versions, ...sessions].reduce(
    (rest, { pattern, by }) => rest.replaceAll(pattern, by),
    `${text.trim()}\n`,
  );
  return replaced
    .split('\n')
    .map((line) => line.trim().replaceAll(/ +/g, ' '))
    .join('\n')
    .trim();
}
