import { Fault } from '../../fault/index.ts';
import { alternatives, nearest } from '../nearest.ts';

/** What was asked for. */
export interface Wanted {
  readonly kind: string;
  /** Empty for kinds without. */
  readonly namespace: string;
  readonly name: string;
}

/** No more names are told than a line holds. */
const MOST_NAMES = 8;

/** `Did you mean web?`, or `Namespaces are: a, b.` when nothing that there is looks like it. */
function didYouMean(wanted: string, names: readonly string[], otherwise: string): string {
  const near = nearest(wanted, names);
  if (near.length > 0) return `Did you mean ${alternatives(near)}?`;
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  return `${otherwise}: ${names.slice(0, MOST_NAMES).join(', ')}${more}.`;
}

/** What is the matter with a namespace that is not there. @returns Fault `NO_SUCH_NAMESPACE` */
export function noSuchNamespace(name: string, names: readonly string[]): Fault {
  return new Fault({
    code: 'NO_SUCH_NAMESPACE',
    message: `there is no namespace ${name}`,
    advice: didYouMean(name, names, 'Namespaces are'),
  });
}

/** What else could have been meant: the same name elsewhere, another namespace, or a name like it here. */
function adviceFor(
  { kind, namespace, name }: Wanted,
  keys: readonly string[],
  namespaces: readonly string[],
): string {
  if (namespace === '') return `There are: ${keys.join(', ') || 'none'}.`;
  const elsewhere = keys
    .filter((key) => key.endsWith(`/${name}`))
    .map((key) => key.slice(0, -name.length - 1));
  if (elsewhere.length > 0) {
    return `There is one in namespace ${alternatives(elsewhere)}: add -n ${elsewhere[0]}.`;
  }
  if (!namespaces.includes(namespace)) return didYouMean(namespace, namespaces, 'Namespaces are');
  const here = keys
    .filter((key) => key.startsWith(`${namespace}/`))
    .map((key) => key.slice(namespace.length + 1));
  if (here.length === 0) return `Namespace ${namespace} has no ${kind}.`;
  return didYouMean(name, here, `Namespace ${namespace} has`);
}

/**
 * What is the matter with an object that is not there. @returns Fault `NO_SUCH_OBJECT`
 * @param keys `namespace/name` of all objects of the kind; names of a kind without namespaces
 */
export function noSuchObject(
  wanted: Wanted,
  keys: readonly string[],
  namespaces: readonly string[],
): Fault {
  const { kind, namespace, name } = wanted;
  const where = namespace === '' ? '' : ` in namespace ${namespace}`;
  const isNowhere = namespace !== '' && !namespaces.includes(namespace);
  return new Fault({
    code: 'NO_SUCH_OBJECT',
    message: `there is no ${kind} ${name}${where}${isNowhere ? ', and no such namespace' : ''}`,
    advice: adviceFor(wanted, keys, namespaces),
  });
}
