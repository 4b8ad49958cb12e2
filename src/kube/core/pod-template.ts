import { column, formatLabels, nameColumn } from '../columns.ts';
import type { KindDefinition } from '../kind.ts';
import type { KubeObject } from '../meta.ts';
import { defaultPodSpec } from './pod-defaults.ts';
import type { PodTemplateSpec } from './pod-spec.ts';
import { validatePodTemplate } from './validate-pod-spec.ts';

export interface PodTemplate extends KubeObject {
  template?: PodTemplateSpec;
}

/** The names of a template's containers, as columns print them. */
export function templateContainers(template: PodTemplateSpec | undefined): string {
  return (template?.spec?.containers ?? []).map(({ name }) => name).join(',');
}

/** The images of a template's containers, as columns print them. */
export function templateImages(template: PodTemplateSpec | undefined): string {
  return (template?.spec?.containers ?? []).map(({ image }) => image ?? '').join(',');
}

export const podTemplateKind: KindDefinition<PodTemplate> = {
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  plural: 'podtemplates',
  singular: 'podtemplate',
  schema: 'io.k8s.api.core.v1.PodTemplate',
  namespaced: true,
  hasStatus: false,
  hasGeneration: true,
  columns: [
    nameColumn,
    column('Containers', 'The names in the template.', ({ template }) =>
      templateContainers(template),
    ),
    column('Images', 'The images in the template.', ({ template }) => templateImages(template)),
    column('Pod Labels', 'The labels in the template.', ({ template }) =>
      formatLabels(template?.metadata?.labels),
    ),
  ],
  defaults: ({ template }) => {
    if (template?.spec !== undefined) defaultPodSpec(template.spec);
  },
  validate: ({ template }, path) => validatePodTemplate(template, path.child('template')),
};
