import { childrenOf, foldersOf } from './children.ts'
import { JailGenerator } from './jail-generator.ts'
import { type JailRow, JailsBase, type JailsView } from './jails-base.ts'

/**
 * The jails of a host, one after the other.
 *
 * ```ts
 * for await (const jail of new JailsGenerator('web*,db running=no', { host })) await drain(jail.start())
 * ```
 */
export class JailsGenerator extends JailsBase implements AsyncIterable<JailGenerator> {
  async *[Symbol.asyncIterator](): AsyncGenerator<JailGenerator, void, void> {
    yield* this.#all(this.view())
  }

  /** The jails as rows of a table; a column is a property or an attribute (`jid`, `full_name`, `running` …). */
  async *rows<C extends string>(columns: readonly C[]): AsyncGenerator<JailRow<C>, void, void> {
    const view = this.view(columns)
    for await (const jail of this.#all(view)) {
      const row = view.row(jail, columns)
      if (row) yield row
    }
  }

  async *#all(view: JailsView): AsyncGenerator<JailGenerator, void, void> {
    for (const { source, dataset } of foldersOf(this.host, this.filters, 'jails')) {
      for (const { name } of this.places(source, await childrenOf(this.host.zfs, dataset))) {
        const jail = new JailGenerator({ name }, { ...this.init, rootDatasetsName: source, defaults: view.defaults })
        if (view.has(jail)) yield jail
      }
    }
  }
}
