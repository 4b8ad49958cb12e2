export { runPlugin, type Answer } from './run-plugin.ts';
