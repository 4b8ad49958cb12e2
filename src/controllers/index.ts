export type { Controller, ControllerContext } from './controller.ts';
export { startLoop, type LoopOptions } from './run.ts';
export { startControllers, type ControllersOptions } from './start.ts';
