import { text } from '../values/scalars.ts'
import { nowhere, type PropertyRows } from './row.ts'

/** What is installed into the jail, from where. */
export interface ProvisionProperties {
  'provision.method': string | null
  'provision.source': string | null
  'provision.rev': string | null
}

const notYet = nowhere('jails are not provisioned yet')

export const provisionProperties: PropertyRows<ProvisionProperties> = {
  'provision.method': {
    type: text,
    default: null,
    about: '`ix` or `puppet`',
    applied: 'provisioning',
    honouredBy: notYet,
  },
  'provision.source': {
    type: text,
    default: null,
    about: 'an absolute path, or the URL of a repository',
    applied: 'provisioning',
    honouredBy: notYet,
  },
  'provision.rev': {
    type: text,
    default: 'master',
    about: 'branch, tag or commit of the repository',
    applied: 'provisioning',
    neutral: ['none'],
    honouredBy: notYet,
  },
}
