/**
 * # @gaoler/cli
 *
 * The command `ioc`: a thin face of [`@gaoler/jail`](../jail/README.md).
 *
 * ```sh
 * ioc activate tank                      # once, on real ZFS
 * ioc fetch --mirror URL 14.3-RELEASE
 * ioc create -r 14.3-RELEASE web host_hostname=www exec_poststart='logger web is up'
 * ioc start web
 * ioc exec web -- /bin/sh -c hostname
 * ioc stop web
 * ioc destroy --force web
 * ioc list --json
 * ```
 *
 * Every command takes `--platform linux|embedded`, `--directory` (embedded), `--dataset` and `--json`. `ioc COMMAND --help` shows
 * the rest. On a terminal the steps are a live tree; in a pipe plain lines; with `--json` one IocEvent a line.
 *
 * | exit code | meaning                                                                                         |
 * | --------- | ----------------------------------------------------------------------------------------------- |
 * | 0         | done                                                                                            |
 * | 1         | refused or failed; one line on stderr says what and what to do; `GAOLER_DEBUG=1` adds the stack |
 * | 2         | the command line was not understood                                                             |
 * | 130       | interrupted, and undone                                                                         |
 * | `exec`    | the program's own status                                                                        |
 *
 * `createRenderer(process.stdout)` shows the events of your own program in the same way.
 *
 * @packageDocumentation
 */
export type { CliContext } from './context.ts'
export { runCli } from './main.ts'
export { createRenderer } from './render/renderer.ts'
export { oneLine } from './render/text.ts'
export type { Output, Renderer } from './render/types.ts'
