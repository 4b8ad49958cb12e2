/** Values of a metric's labels, in the order of their names. */
export type LabelValues = readonly (string | number)[];

interface Family {
  readonly name: string;
  text(): string;
}

function escapeValue(value: string): string {
  return value
    .replaceAll('\\', '\\\\')
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`);
}

/** `{a="1",b="2"}`, or nothing without labels. */
function labelText(names: readonly string[], values: LabelValues): string {
  if (names.length === 0) return '';
  return `{${names.map((name, index) => `${name}="${escapeValue(String(values[index] ?? ''))}"`).join(',')}}`;
}

interface Description {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

function heading({ name, help }: Description, type: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

/** A number for each combination of label values. */
export class Metric implements Family {
  readonly name: string;
  private readonly description: Description;
  private readonly type: 'counter' | 'gauge';
  private readonly values = new Map<string, { readonly labels: LabelValues; value: number }>();

  constructor(description: Description, type: 'counter' | 'gauge') {
    this.name = description.name;
    this.description = description;
    this.type = type;
    // Without labels there is one number, and it is there from the start: an alert on an increase needs the zero before it.
    if ((description.labels ?? []).length === 0) this.of([]);
  }

  add(labels: LabelValues, amount = 1): void {
    this.of(labels).value += amount;
  }

  set(labels: LabelValues, value: number): void {
    this.of(labels).value = value;
  }

  /** The number of one combination, to be kept by whoever counts often. */
  of(labels: LabelValues): { value: number } {
    const key = labels.join('\n');
    let entry = this.values.get(key);
    if (entry === undefined) {
      entry = { labels, value: 0 };
      this.values.set(key, entry);
    }
    return entry;
  }

  text(): string {
    const { name, labels = [] } = this.description;
    const lines = [...this.values.values()].map(
      ({ labels: values, value }) => `${name}${labelText(labels, values)} ${value}\n`,
    );
    return heading(this.description, this.type) + lines.join('');
  }
}

/** How often values fell into buckets, for one combination of label values. */
export class Distribution {
  readonly labels: LabelValues;
  readonly counts: number[];
  sum = 0;
  count = 0;
  private readonly bounds: readonly number[];

  constructor(labels: LabelValues, bounds: readonly number[]) {
    this.labels = labels;
    this.bounds = bounds;
    this.counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.sum += value;
    this.count += 1;
    const { bounds, counts } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1;
    if (bucket < bounds.length) counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
}

/** A {@link Distribution} for each combination of label values. */
export class Histogram implements Family {
  readonly name: string;
  private readonly description: Description;
  private readonly bounds: readonly number[];
  private readonly distributions = new Map<string, Distribution>();

  constructor(description: Description, bounds: readonly number[]) {
    this.name = description.name;
    this.description = description;
    this.bounds = bounds;
  }

  observe(labels: LabelValues, value: number): void {
    this.of(labels).observe(value);
  }

  /** The distribution of one combination, to be kept by whoever observes often. */
  of(labels: LabelValues): Distribution {
    const key = labels.join('\n');
    let one = this.distributions.get(key);
    if (one === undefined) {
      one = new Distribution(labels, this.bounds);
      this.distributions.set(key, one);
    }
    return one;
  }

  text(): string {
    const { name, labels = [] } = this.description;
    let text = heading(this.description, 'histogram');
    for (const { labels: values, counts, sum, count } of this.distributions.values()) {
      let total = 0;
      const line = (bound: string | number, value: number): string =>
        `${name}_bucket${labelText([...labels, 'le'], [...values, bound])} ${value}\n`;
      this.bounds.forEach((bound, index) => {
        total += counts[index] ?? 0;
        text += line(bound, total);
      });
      text += line('+Inf', count);
      text += `${name}_sum${labelText(labels, values)} ${sum}\n${name}_count${labelText(labels, values)} ${count}\n`;
    }
    return text;
  }
}

/** The metrics of one process, in Prometheus's text format 0.0.4. */
export class Registry {
  private readonly families: Family[] = [];

  counter(name: string, help: string, labels: readonly string[] = []): Metric {
    return this.keep(new Metric({ name, help, labels }, 'counter'));
  }

  gauge(name: string, help: string, labels: readonly string[] = []): Metric {
    return this.keep(new Metric({ name, help, labels }, 'gauge'));
  }

  histogram(description: Description, bounds: readonly number[]): Histogram {
    return this.keep(new Histogram(description, bounds));
  }

  text(): string {
    return this.families.map((family) => family.text()).join('');
  }

  private keep<T extends Family>(family: T): T {
    this.families.push(family);
    return family;
  }
}
