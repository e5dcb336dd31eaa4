import { childrenOfSync, foldersOf } from './children.ts'
import { Jail } from './jail.ts'
import { type JailRow, JailsBase, type JailsView } from './jails-base.ts'

/**
 * The jails of a host for scripts.
 *
 * ```ts
 * for (const jail of new Jails('web*,db running=no')) jail.start()
 * ```
 */
export class Jails extends JailsBase implements Iterable<Jail> {
  *[Symbol.iterator](): Generator<Jail, void, void> {
    yield* this.#all(this.view())
  }

  /** The jails as rows of a table; a column is a property or an attribute (`jid`, `full_name`, `running` …). */
  *rows<C extends string>(columns: readonly C[]): Generator<JailRow<C>, void, void> {
    const view = this.view(columns)
    for (const jail of this.#all(view)) {
      const row = view.row(jail, columns)
      if (row) yield row
    }
  }

  /** How many there are now; asks for all of them. */
  get length(): number {
    return [...this].length
  }

  *#all(view: JailsView): Generator<Jail, void, void> {
    for (const { source, dataset } of foldersOf(this.host, this.filters, 'jails')) {
      for (const { name } of this.places(source, childrenOfSync(this.host.zfs, dataset))) {
        const jail = new Jail({ name }, { ...this.init, rootDatasetsName: source, defaults: view.defaults })
        if (view.has(jail)) yield jail
      }
    }
  }
}
