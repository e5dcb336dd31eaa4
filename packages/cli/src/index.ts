export { runCli } from './main.ts'
export { createRenderer, type Output, type Renderer } from './render/renderer.ts'
export { oneLine } from './render/text.ts'
