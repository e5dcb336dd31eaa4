import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineEvents, drain, type EventData, type EventType, type IocEvent, isEvent, operation } from '@gaoler/core'
import { eventsPage, type KindDoc, readKinds } from '../../tools/docs/events.ts'
import { assert, suite } from '../harness.ts'

const test = suite('core/catalogue')

const kinds: readonly KindDoc[] = [...readKinds().values()].flat()
const is = (type: string, kind: string): boolean => isEvent({ type } as EventData, kind as EventType)

/** The tree of libioc, a line for each parent. */
const libioc = `
IocEvent: JailEvent ReleaseEvent ResourceEvent ZFSEvent ResourceBackup PkgEvent
JailEvent: JailRename JailStop JailRemove JailResourceLimitAction VnetEvent JailAttach DevFSEvent FstabEvent JailHook
JailEvent: JailFstabUpdate JailResolverConfig JailClone BasejailStorageConfig JailZFSShare JailRestart JailSoftShutdown
JailEvent: JailStart JailDependantsStart JailDependantStart JailProvisioning JailProvisioningAssetDownload R10kDeployEvent
JailEvent: PuppetApplyEvent BootstrapPkg PackageInstall PackageRemove PackageConfiguration JailMigrationEvent JailDestroy
JailStop: TeardownSystemMounts JailNetworkTeardown
VnetEvent: JailNetworkSetup
JailNetworkSetup: VnetInterfaceConfig VnetSetupLocalhost VnetSetRoutes
DevFSEvent: MountDevFS MountFdescfs
FstabEvent: MountFstab UnmountFstab
JailHook: JailHookPrestart JailHookCreated JailHookStart JailHookPoststart JailHookPrestop JailHookStop JailHookPoststop
JailHook: JailCommand
JailZFSShare: AttachZFSDataset
ReleaseEvent: ReleaseUpdate FetchRelease
ReleaseUpdate: ReleaseUpdatePull ReleaseUpdateDownload
FetchRelease: ReleasePrepareStorage ReleaseDownload ReleaseAssetDownload ReleaseExtraction ReleaseCopyBase
FetchRelease: ReleaseConfiguration
ResourceEvent: ResourceUpdate
ResourceUpdate: RunResourceUpdate ExecuteResourceUpdate
ZFSEvent: ZFSDatasetRename ZFSDatasetDestroy ZFSSnapshotRename ZFSSnapshotClone ZFSSnapshotRollback
ResourceBackup: ExportConfig ExportFstab ExportRootDataset ExportOtherDatasets ExportOtherDataset BundleBackup
ResourceBackup: ExtractBundle ImportConfig ImportFstab ImportRootDataset ImportOtherDatasets ImportOtherDataset
PkgEvent: PackageFetch BootstrapPkg PackageInstall PackageRemove PackageConfiguration
`

test('every kind of libioc is there, below the parents that it has there', () => {
  const documented = new Map(kinds.map((kind) => [kind.name, kind]))
  for (const line of libioc.trim().split('\n')) {
    const [parent = '', names = ''] = line.split(': ')
    for (const name of names.split(' ')) {
      assert.ok(is(name, parent), `${name} is no ${parent}`)
      assert.ok(documented.get(name)?.parents.includes(parent), `${name} is not written below ${parent}`)
    }
  }
})

test('what is documented is what holds at run time', () => {
  for (const { name, parents, text } of kinds) {
    assert.ok(parents.length > 0 && text.endsWith('.'), name)
    for (const parent of parents) assert.ok(is(name, parent), `${name} is no ${parent}`)
    assert.ok(is(name, 'IocEvent'))
  }
  assert.is(new Set(kinds.map(({ name }) => name)).size, kinds.length)
})

test('a kind with two parents is both', () => {
  assert.ok(is('PackageInstall', 'JailEvent') && is('PackageInstall', 'PkgEvent'))
  assert.not(is('PackageFetch', 'JailEvent'))
  assert.not(is('PkgEvent', 'PackageInstall'))
  assert.not(is('Unheard', 'IocEvent'))
})

test('kinds of one own are events like all others', async () => {
  defineEvents({ TypeTestGreeting: 'JailEvent', TypeTestBoth: ['TypeTestGreeting', 'PkgEvent'] })
  let last: IocEvent | undefined
  await drain(operation('TypeTestBoth', (s) => s.set({ words: 'hello' }), { onEvent: (event) => (last = event) }))
  assert.ok(last?.is('TypeTestGreeting') && last.is('PkgEvent') && last.is('JailEvent'))
  assert.is(last?.is('TypeTestGreeting') && last.payload.words, 'hello')
})

test('docs/events.md is up to date: else run node tools/docs.ts', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/events.md'), 'utf8')
  assert.ok(page === eventsPage())
})

test.run()
