import { join } from 'node:path'
import type { HostScope } from '../host/host-base.ts'
import type { ReleaseBase } from './release-base.ts'

/** What a release needs to run in jails: rc.conf(5), periodic.conf(5) and sysctl.conf(5), as libioc has it. */
const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  'etc/rc.conf': [
    'netif_enable="NO"',
    'sendmail_enable="NO"',
    'sendmail_submit_enable="NO"',
    'sendmail_msp_queue_enable="NO"',
    'sendmail_outbound_enable="NO"',
    `cron_flags="-m ''"`,
    'syslogd_flags="-ss"',
  ],
  'etc/periodic.conf': [
    'daily_clean_hoststat_enable="NO"',
    'daily_status_mail_rejects_enable="NO"',
    'daily_status_include_submit_mailq="NO"',
    'daily_submit_queuerun="NO"',
  ],
  'etc/sysctl.conf': ['net.inet.ip.fw.enable=0'],
}

/** Only FreeBSD and its like read those files: they have the defaults of rc.conf there. */
const MARK = 'etc/defaults/rc.conf'

/** Writes the settings that jails need into a release that is new. Throws InsecureJailPath where a link is on the way. */
export async function configureRelease(t: HostScope, release: ReleaseBase): Promise<void> {
  const { rootPath: below, host } = release
  if (host.files.readText(join(below, MARK), below) === null) return t.skip(`it has no ${MARK}`)
  let changed = false
  for (const [file, settings] of Object.entries(SETTINGS)) {
    const path = join(below, file)
    const previous = host.files.readText(path, below)
    const content = withSettings(previous ?? '', settings)
    if (content === previous) continue
    await t.host.writeFile({ path, content, previous, below })
    changed = true
  }
  if (!changed) t.skip('already configured')
}

/** The text with those of the lines that it does not end up saying; the last line of a name counts in all three files. */
function withSettings(text: string, settings: readonly string[]): string {
  const lines = text.split('\n').map((line) => line.trim())
  const missing = settings.filter((setting) => {
    const name = setting.slice(0, setting.indexOf('=') + 1)
    return lines.findLast((line) => line.startsWith(name)) !== setting
  })
  if (missing.length === 0) return text
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`
  return `${start}${missing.join('\n')}\n`
}
