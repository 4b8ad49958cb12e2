import { column } from '../columns.ts';
import { fieldInvalid, type FieldError, type FieldPath } from '../field-error.ts';
import type { Column, KindDefinition } from '../kind.ts';
import type { KubeObject, ObjectReference } from '../meta.ts';
import { age } from '../time.ts';

/** `core/v1 Event`: something that happened to an object, counted when it happens again. */
export interface Event extends KubeObject {
  involvedObject: ObjectReference;
  reason?: string;
  message?: string;
  source?: { component?: string; host?: string };
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
  count?: number;
  type?: 'Normal' | 'Warning';
  /** MicroTime. */
  eventTime?: string | null;
  series?: { count?: number; lastObservedTime?: string };
  action?: string;
  related?: ObjectReference;
  reportingComponent?: string;
  reportingInstance?: string;
}

function firstSeen(event: Event, now: number): string {
  return age(event.firstTimestamp || event.eventTime, now);
}

function lastSeen(event: Event, now: number): string {
  if (event.series !== undefined) return age(event.series.lastObservedTime, now);
  return event.lastTimestamp ? age(event.lastTimestamp, now) : firstSeen(event, now);
}

function objectText({ involvedObject: { kind = '', name = '' } }: Event): string {
  return name === '' ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`;
}

function sourceText({ source, reportingComponent, reportingInstance }: Event): string {
  const component = source?.component || reportingComponent || '';
  const host = source?.host || reportingInstance || '';
  return host === '' ? component : `${component}, ${host}`;
}

const columns: readonly Column<Event>[] = [
  column('Last Seen', 'The time since it happened last.', lastSeen),
  column('Type', 'Normal or Warning.', ({ type }) => type ?? ''),
  column('Reason', 'What happened, in one word.', ({ reason }) => reason ?? ''),
  column('Object', 'What it happened to.', objectText),
  column(
    'Subobject',
    'The part of the object, such as one container.',
    ({ involvedObject }) => involvedObject.fieldPath ?? '',
    { wide: true },
  ),
  column('Source', 'Who reports it.', sourceText, { wide: true }),
  column('Message', 'What happened, for people.', ({ message }) => (message ?? '').trim()),
  column('First Seen', 'The time since it happened first.', firstSeen, { wide: true }),
  column('Count', 'How often it happened.', ({ series, count }) => series?.count || count || 1, {
    type: 'integer',
    wide: true,
  }),
  {
    ...column<Event>('Name', 'The name of the event.', ({ metadata }) => metadata.name, {
      wide: true,
    }),
    format: 'name',
  },
];

/** Fields of the object that an event is about, as `kubectl describe` asks for them. */
const objectFields = [
  'kind',
  'namespace',
  'name',
  'uid',
  'apiVersion',
  'resourceVersion',
  'fieldPath',
] as const;

export const eventKind: KindDefinition<Event> = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  schema: 'io.k8s.api.core.v1.Event',
  namespaced: true,
  hasStatus: false,
  hasGeneration: false,
  columns,
  fields: {
    ...Object.fromEntries(
      objectFields.map((field) => [
        `involvedObject.${field}`,
        (event: Event) => event.involvedObject?.[field] ?? '',
      ]),
    ),
    reason: ({ reason }) => reason ?? '',
    reportingComponent: ({ reportingComponent }) => reportingComponent ?? '',
    source: ({ source, reportingComponent }) => source?.component || reportingComponent || '',
    type: ({ type }) => type ?? '',
  },
  defaults: (event) => {
    event.involvedObject ??= {};
  },
  validate,
};

/** Events of cluster-scoped objects live in `default` (or in kube-system), all others beside their object. */
function validate({ metadata, involvedObject }: Event, path: FieldPath): FieldError[] {
  const objectNamespace = involvedObject?.namespace ?? '';
  const allowed = objectNamespace === '' ? ['default', 'kube-system'] : [objectNamespace];
  return allowed.includes(metadata.namespace ?? '')
    ? []
    : [
        fieldInvalid(
          path.child('involvedObject', 'namespace'),
          objectNamespace,
          'does not match event.namespace',
        ),
      ];
}
