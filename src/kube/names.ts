/**
 * Checks of names, labels and ports. Each returns the messages of what is wrong, in the words of
 * `apimachinery/pkg/util/validation/validation.go`; an empty array means valid.
 */
export type Check = (value: string) => readonly string[];

interface Grammar {
  readonly message: string;
  readonly expression: string;
  readonly examples: readonly string[];
}

function regexError({ message, expression, examples }: Grammar): string {
  const shown = examples.map((example) => `'${example}', `).join(' or ');
  const hint = shown === '' ? '' : `e.g. ${shown}`;
  return `${message} (${hint}regex used for validation is '${expression}')`;
}

/** Compiles a grammar once; the length is checked first, as Kubernetes does. */
function check(grammar: Grammar, maximum?: number): Check {
  const pattern = new RegExp(`^(?:${grammar.expression})$`);
  const failure = regexError(grammar);
  return (value) => [
    ...(maximum !== undefined && value.length > maximum ? [tooLong(maximum)] : []),
    ...(pattern.test(value) ? [] : [failure]),
  ];
}

/** The text for a name above `maximum` characters. */
export function tooLong(maximum: number): string {
  return `must be no more than ${maximum} characters`;
}

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomain = `${label}(\\.${label})*`;
const qualified = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';

/** RFC 1123 label: a pod hostname, a namespace, a container or volume name. */
export const dns1123Label = check(
  {
    message:
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
    expression: label,
    examples: ['my-name', '123-abc'],
  },
  63,
);

/** RFC 1123 subdomain: the name of most objects. */
export const dns1123Subdomain = check(
  {
    message:
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
    expression: subdomain,
    examples: ['example.com'],
  },
  253,
);

/** RFC 1035 label: the names of a custom resource. */
export const dns1035Label = check(
  {
    message:
      "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
    expression: '[a-z]([-a-z0-9]*[a-z0-9])?',
    examples: ['my-name', 'abc-123'],
  },
  63,
);

/**
 * The name of a Service: an RFC 1123 label, which may begin with a digit (KEP-5311). What is no such label is refused in
 * the words that Kubernetes has always had for it, those of RFC 1035.
 */
export const serviceName: Check = (value) =>
  dns1123Label(value).length === 0 ? [] : dns1035Label(value);

/** A subdomain whose first label may be `*`: the host of an Ingress rule. */
export const wildcardDns1123Subdomain = check(
  {
    message:
      "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
    expression: `\\*\\.${subdomain}`,
    examples: ['*.example.com'],
  },
  253,
);

/** Names of the rbac group: anything that can be one segment of a path. */
export const pathSegmentName: Check = (value) => {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%']
    .filter((character) => value.includes(character))
    .map((character) => `may not contain '${character}'`);
};

const qualifiedPart = check(
  {
    message:
      "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    expression: qualified,
    examples: ['MyName', 'my.name', '123-abc'],
  },
  undefined,
);

const qualifiedForm = regexError({
  message:
    "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  expression: qualified,
  examples: ['MyName', 'my.name', '123-abc'],
});

/** `[PREFIX/]NAME`: the key of a label, annotation, taint or resource. */
export const qualifiedName: Check = (value) => {
  const parts = value.split('/');
  if (parts.length > 2) {
    return [
      `${qualifiedForm} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const name = parts.at(-1) ?? '';
  const prefix = parts.length === 2 ? (parts[0] ?? '') : undefined;
  return [...prefixErrors(prefix), ...namePartErrors(name)];
};

function prefixErrors(prefix: string | undefined): readonly string[] {
  if (prefix === undefined) return [];
  if (prefix === '') return ['prefix part must be non-empty'];
  return dns1123Subdomain(prefix).map((message) => `prefix part ${message}`);
}

function namePartErrors(name: string): readonly string[] {
  if (name === '') return ['name part must be non-empty', ...qualifiedPart(name)];
  return [...(name.length > 63 ? [`name part ${tooLong(63)}`] : []), ...qualifiedPart(name)];
}

/** The value of a label; empty is fine. */
export const labelValue = check(
  {
    message:
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    expression: '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?',
    examples: ['MyValue', 'my_value', '12345'],
  },
  63,
);

/** The name of an environment variable, as current Kubernetes has it: printable ASCII without `=`. */
export const envVarName: Check = (value) =>
  /^[ -<>-~]+$/.test(value)
    ? []
    : [
        regexError({
          message:
            "a valid environment variable name must consist only of printable ASCII characters other than '='",
          expression: '[ -<>-~]+',
          examples: [],
        }),
      ];

/** A key of a ConfigMap or Secret, which may become a file name. */
export const configMapKey: Check = (value) => [
  ...configKeyForm(value),
  ...(value === '.' ? ["must not be '.'"] : []),
  ...(value === '..' ? ["must not be '..'"] : []),
  ...(value !== '..' && value.startsWith('..') ? ["must not start with '..'"] : []),
];

const configKeyForm = check(
  {
    message: "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
    expression: '[-._a-zA-Z0-9]+',
    examples: ['key.name', 'KEY_NAME', 'key-name'],
  },
  253,
);

/** The name of a port (IANA service name, RFC 6335 section 5.1). */
export const portName: Check = (value) => [
  ...(value.length > 15 ? [tooLong(15)] : []),
  ...(/^[-a-z0-9]+$/.test(value)
    ? []
    : ['must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)']),
  ...(/[a-z]/.test(value) ? [] : ['must contain at least one letter (a-z)']),
  ...(value.includes('--') ? ['must not contain consecutive hyphens'] : []),
  ...(value.startsWith('-') || value.endsWith('-') ? ['must not begin or end with a hyphen'] : []),
];

/** A port number, 1 to 65535. */
export function portNumber(value: number): readonly string[] {
  return Number.isInteger(value) && value >= 1 && value <= 65535
    ? []
    : ['must be between 1 and 65535, inclusive'];
}
