import type { StreamedFlow } from '../cluster/index.ts';

type End = StreamedFlow['source'];

const headers = [
  'TIME',
  'NODE',
  'SOURCE',
  'DESTINATION',
  'VERDICT',
  'DIRECTION',
  'REASON',
  'POLICIES',
] as const;

/** Between columns, as kubectl has it. */
const GAP = 3;

/** `default/web`, `node node1`, or the address of somebody else. */
function endText({ pod, node, address }: End): string {
  if (pod !== undefined) return `${pod.namespace}/${pod.name}`;
  return node === undefined ? address : `node ${node}`;
}

/** An address before a port (RFC 3986 section 3.2.2). */
function hostText(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** `default/web:8080/TCP via 10.96.0.9:80`; protocols without ports have none. */
function destinationText(flow: StreamedFlow): string {
  const { destination, port, protocol } = flow;
  const end = endText(destination);
  const place = end === destination.address ? hostText(end) : end;
  const text = port === 0 ? `${place}/${protocol}` : `${place}:${port}/${protocol}`;
  if (flow.verdict === 'dropped' || flow.through === undefined) return text;
  return `${text} via ${hostText(flow.through.address)}:${flow.through.port}`;
}

/** To the second, as kubectl shows times. */
function timeText({ time }: StreamedFlow): string {
  return time.replace(/\.\d+/, '');
}

function verdictCells(flow: StreamedFlow): string[] {
  if (flow.verdict === 'admitted') return ['admitted', '', '', ''];
  const { count, direction, reason, policies } = flow;
  const names = policies.map(({ kind, namespace, name }) =>
    namespace === undefined ? `${kind}/${name}` : `${namespace}/${name}`,
  );
  return [count === 1 ? 'dropped' : `dropped (x${count})`, direction, reason, names.join(',')];
}

function cellsOf(flow: StreamedFlow): string[] {
  const source = endText(flow.source);
  return [timeText(flow), flow.onNode, source, destinationText(flow), ...verdictCells(flow)];
}

/**
 * Rows under kubectl's kind of headers that come by and by: a column that was wide once stays so, as with
 * `kubectl get --watch`.
 */
export class FlowTable {
  private readonly widths: number[] = headers.map(({ length }) => length);
  private hasHeaders = false;

  /** The lines for some more flows; the first call's begin with the headers. */
  lines(flows: readonly StreamedFlow[]): string {
    const rows = flows.map(cellsOf);
    for (const row of rows) {
      for (const [column, cell] of row.entries()) {
        this.widths[column] = Math.max(this.widths[column] ?? 0, cell.length);
      }
    }
    const all = this.hasHeaders ? rows : [headers, ...rows];
    this.hasHeaders = true;
    return all.map((row) => this.padded(row)).join('\n');
  }

  private padded(row: readonly string[]): string {
    return row
      .map((cell, column) => cell.padEnd((this.widths[column] ?? 0) + GAP))
      .join('')
      .trimEnd();
  }
}
