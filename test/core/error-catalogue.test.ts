import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { IocError, reviveError, type SerialisedError, serialiseError } from '@gaoler/core'
import { errorsPage, readErrors } from '../../tools/docs/errors.ts'
import { sampleErrors } from '../../tools/docs/samples.ts'
import { assert, suite } from '../harness.ts'

const test = suite('core/error-catalogue')

const docs = readErrors()
const samples = await sampleErrors(docs)

/** The classes of libioc. Three have another name here: IocError, ZFSError, and JailConfigZFSIsNotAllowed without its typo. */
const libioc = `
IocError MissingFeature JailException JailDoesNotExist JailAlreadyExists JailNotRunning JailAlreadyRunning JailNotFound
JailNotSupplied JailUnknownIdentifier JailBackendMissing JailIsTemplate JailNotTemplate JailHookFailed JailLaunchFailed
JailDestructionFailed JailCommandFailed JailExecutionAborted JailStateUpdateFailed VirtualFstabLineHasNoRealIndex
FstabDestinationExists SecurityViolation InsecureJailPath SecurityViolationConfigJailEscape IllegalArchiveContent
JailConfigError InvalidJailName JailConfigZFSIsNotAllowed InvalidJailConfigValue InvalidJailConfigAddress
InvalidMacAddress ResourceLimitUnknown ResourceLimitActionFailed JailHostUUIDMismatch JailConfigNotFound
DefaultConfigNotFound UnknownConfigProperty BackupInProgress ExportDestinationExists BackupSourceDoesNotExist
BackupSourceUnknownFormat ListableResourceNamespaceUndefined IocageNotActivated ActivationFailed ZFSSourceMountpoint
InvalidLogLevel MustBeRoot CommandFailure NotAnIocageZFSProperty DistributionUnknown HostReleaseUnknown
HostUserlandVersionUnknown DownloadFailed DatasetExists UnmountFailed MountFailed InvalidMountpoint DatasetNotMounted
DatasetNotAvailable DatasetNotJailed ZFSError ZFSPoolInvalid ZFSPoolUnavailable ResourceUnmanaged
ConflictingResourceSelection SnapshotError SnapshotCreation SnapshotDeletion SnapshotRollback SnapshotNotFound
InvalidSnapshotIdentifier InvalidInterfaceName VnetBridgeMissing VnetBridgeDoesNotExist InvalidNetworkBridge
FirewallDisabled FirewallCommandFailure InvalidIPAddress ReleaseListUnavailable ReleaseAssetHashesUnavailable
UpdateFailure InvalidReleaseAssetSignature NonReleaseUpdateFetch ReleaseNotFetched ReleaseUpdateBranchLookup
UnsupportedRelease InvalidReleaseName DefaultReleaseNotFound DevfsRuleException InvalidDevfsRulesSyntax
DuplicateDevfsRuleset MissingDevfsRulesetName LogException CannotRedrawLine EventAlreadyFinished JailFilterException
JailFilterInvalidName PkgNotFound UndefinedProvisionerSource UndefinedProvisionerMethod InvalidProvisionerMethod
InvalidSourceName SourceNotFound PluginUnavailableError ControlRepoUnavailableError
`

test('every class of libioc is there', () => {
  const missing = libioc.split(/\s+/).filter((name) => name !== '' && !samples.has(name))
  assert.equal(missing, [])
})

test('no class and no code is there twice', () => {
  const twice = (key: 'name' | 'code'): string[] =>
    docs.map((doc) => doc[key]).filter((each, at, all) => all.indexOf(each) !== at)
  assert.equal(twice('name'), [])
  assert.equal(twice('code'), [])
})

test('every class survives JSON and structured clone, with class, code, details, message and cause', () => {
  for (const [name, error] of samples) {
    const original = Object.assign(error, { reverted: false })
    original.cause = new RangeError('far')
    const plain = serialiseError(original)
    for (const copy of [JSON.parse(JSON.stringify(plain)) as SerialisedError, structuredClone(plain)]) {
      const back = reviveError(copy) as IocError
      assert.instance(back, IocError, name)
      assert.ok(back.constructor === error.constructor, `${name} came back as ${back.constructor.name}: register it`)
      assert.is(back.name, name)
      assert.is(back.code, error.code)
      assert.is(back.message, error.message)
      assert.is(back.reverted, false)
      assert.is((back.cause as Error).message, 'far')
      assert.equal(JSON.parse(JSON.stringify(back.details)), JSON.parse(JSON.stringify(error.details)))
    }
  }
})

test('the source says what the class does: its code, its base, a message that is made of its details', () => {
  for (const { name, code, base } of docs) {
    const error = samples.get(name) as IocError
    assert.is(error.code, code)
    assert.is(Object.getPrototypeOf(error.constructor).name, base, name)
    assert.not.match(error.message, /undefined|\[object|NaN/, name)
    assert.ok(error.message.length > 0, name)
  }
})

test('every class says its cause and a remedy; those of ZFS say it in their message', () => {
  const silent = docs.filter(({ path, cause, remedy }) => !path.startsWith('packages/zfs/') && !(cause && remedy))
  assert.equal(
    silent.map(({ name }) => name),
    [],
  )
})

test('docs/errors.md is up to date: else run node tools/docs.ts', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8')
  assert.ok(page === (await errorsPage()))
})

test.run()
