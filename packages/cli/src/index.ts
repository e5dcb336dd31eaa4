export { runCli } from './main.ts'
export { createRenderer } from './render/renderer.ts'
export { oneLine } from './render/text.ts'
export type { Output, Renderer } from './render/types.ts'
