export { Registry, type Distribution, type Histogram, type Metric } from './registry.ts';
export { TextPages, type Page, type Pages } from './text-pages.ts';
