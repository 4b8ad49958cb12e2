export type { Controller, ControllerContext } from './controller.ts';
export { startControllers, type ControllersOptions } from './start.ts';
