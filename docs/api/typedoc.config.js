import { OptionDefaults } from 'typedoc'

/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  name: 'Gaoler',
  // The README points to folders of the repository; each package brings its own.
  readme: 'none',
  out: 'dist',
  // Each package with its own tsconfig; the modules are those that its package.json exports.
  entryPointStrategy: 'packages',
  entryPoints: ['../../packages/*'],
  exclude: ['**/packages/rest'],
  excludePrivate: true,
  excludeInternal: true,
  treatWarningsAsErrors: true,
  packageOptions: {
    excludePrivate: true,
    excludeInternal: true,
    // The comments at the heads of the packages are their READMEs too: their links are those of the repository.
    validation: { invalidPath: false },
    // Nobody derives classes from these.
    excludeProtected: true,
    // A clone need not come from where its sources are shown.
    disableSources: true,
    blockTags: [...OptionDefaults.blockTags, '@remedy'],
  },
}
