// What `Distribution` calls: runs in its worker thread.
import type { SyncCall } from '@gaoler/core/sync'
import { readEol, readReleases } from './read.ts'

export const releases = ({ signal }: SyncCall, mirror: string): Promise<string[]> => readReleases(mirror, signal)

export const eol = ({ signal }: SyncCall, url: string): Promise<string[]> => readEol(url, signal)
