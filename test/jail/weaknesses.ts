// Where libioc is weak, and the tests that show that Gaoler is not: each named by its file and its title.
import type { Part } from './class-page.ts'

export interface Weakness {
  /** What libioc does. */
  readonly libioc: string
  readonly shown: Readonly<Record<string, readonly string[]>>
  /** What of it belongs to something that is not there yet. */
  readonly later?: Part | 'command line'
  /** What of it is the same here, and why. */
  readonly same?: string
}

const jail = 'test/conformance/jail.ts'
const verbs = 'test/conformance/jail-verbs.ts'
const faults = 'test/jail/faults.test.ts'
const here = 'test/jail/weaknesses.test.ts'

/** By the numbers of the list of weaknesses in our notes on libioc. */
export const weaknesses: Readonly<Record<number, Weakness>> = {
  1: {
    libioc: 'a start that fails before its last step leaves a half started jail',
    shown: {
      [jail]: [
        'a start hook that fails, on the host or in the jail, by status, signal or time, undoes the start',
        'whoever leaves a start at any event finds the jail stopped and the host as before',
      ],
      [faults]: ['whichever effect fails, its error comes out, and everything is undone, last in, first out'],
    },
  },
  2: {
    libioc: 'a failure throws the events of its rollback away',
    shown: {
      [faults]: ['whichever effect fails, its error comes out, and everything is undone, last in, first out'],
      'test/core/undo.test.ts': ['an undo is an event of the reverted type, with its identifier and its last payload'],
    },
  },
  3: {
    libioc: 'an event that was skipped or has failed is not done, against its own documentation',
    shown: {
      'test/core/trees.test.ts': [
        'whatever is nested in whatever way, fails where it may and is left at any time: the contract holds',
      ],
    },
  },
  4: {
    libioc: 'every event has the number 1',
    shown: { 'test/core/operation.test.ts': ['events are nested, numbered, frozen, and the result is returned'] },
  },
  5: {
    libioc: 'events of updates, shares and imports are not nested in what caused them',
    shown: {
      [jail]: ["a start nests under the caller's own event, and is undone when the caller fails"],
      'test/core/nesting.test.ts': ['events carry the identifier of what is around them, unless they have one'],
    },
    later: 'updates',
  },
  6: {
    libioc: 'files of a release share one identifier, and an unmount says that it mounts',
    shown: { [here]: ['every event of a fetch and of a stop has an id of its own, and says what it does'] },
  },
  7: {
    libioc: 'events begin and never end, or end twice',
    shown: {
      [faults]: [
        'whichever effect fails, its error comes out, and everything is undone, last in, first out',
        'cancelled at any event, everything is undone',
      ],
    },
  },
  8: {
    libioc: 'an error that was logged has no text, and others show their placeholders',
    shown: {
      [verbs]: ['guards refuse with typed errors, and say so to the logger unless they are told not to'],
      'test/core/error-catalogue.test.ts': [
        'the source says what the class does: its code, its base, a message that is made of its details',
      ],
    },
  },
  9: {
    libioc: 'circles of dependencies are never found, and what was seen leaks into the next call',
    shown: {
      'test/conformance/jail-dependencies.ts': [
        'a circle is an error that tells the way, before anything is started',
        'what stands between two jails is respected, whatever the rest does at the same time, and each starts once',
      ],
    },
  },
  10: {
    libioc: 'a hook that fails on the host is no failure of the hook, and one that a signal ends is a success',
    shown: {
      [jail]: ['a start hook that fails, on the host or in the jail, by status, signal or time, undoes the start'],
      [verbs]: ['force passes over hooks that fail while a jail is stopped for its destruction'],
    },
  },
  11: {
    libioc: 'properties are accepted and then ignored',
    shown: {
      'test/conformance/jail-config.ts': [
        'what is set and not honoured is refused when it is set and at the start; what only files of others say is warned of',
      ],
    },
  },
  12: {
    libioc: 'waiting for output, or for the end of a jail, keeps a processor busy',
    shown: { [here]: ['waiting for a command that says nothing costs next to no time of the processor'] },
  },
  13: {
    libioc: 'renaming a jail renames the snapshot of the release that it came from',
    shown: {
      [verbs]: [
        'a renamed jail keeps its files, snapshots and configuration under the new name, and leaves the release as it was',
      ],
    },
  },
  14: {
    libioc: 'a clone has the identity of its source, and a running jail is rolled back',
    shown: {
      [verbs]: [
        'a clone has the files and the configuration of its source, which may run, and nothing that identifies it',
      ],
      'test/conformance/jail-snapshots.ts': [
        'snapshots are made, listed and deleted while the jail runs; going back needs it stopped',
      ],
    },
  },
  15: {
    libioc: 'names of snapshots have hours where minutes should be, and collide',
    shown: { [here]: ['clones that follow each other at once do not collide'] },
  },
  16: {
    libioc: 'create tells nothing, and paths are checked before they are used',
    shown: {
      [jail]: [
        'the main job: create, start, exec, clone, destroy the clone, stop, destroy, each with its golden trace',
      ],
      'test/jail/beneath.test.ts': [
        'a jail that swaps a directory for a link at every moment never leads a write outside',
      ],
    },
  },
  17: {
    libioc: 'a list with dhcp in it breaks, and options of a mount are passed as one key',
    shown: {
      'test/jail/config-values.test.ts': ['what is not a value is refused with a reason'],
      'test/jail/freebsd-encoding.test.ts': ['mounts name their type, their place and what they show'],
    },
    later: 'devices',
  },
  18: {
    libioc: 'letters that are no digits are taken in MAC addresses, and the pairs of iocage are not',
    shown: { [here]: ['MAC addresses are hexadecimal, and pairs may be written as iocage does'] },
    later: 'network',
  },
  19: {
    libioc: 'file systems are unmounted in the order in which they were mounted',
    shown: { [here]: ['what was mounted first is unmounted last'] },
    same: 'stop stops one jail: that others depend on it starts them after it, and does not end them with it',
  },
  20: {
    libioc: 'texts that look like yes or no become yes or no',
    shown: {
      'test/jail/config.test.ts': ['what a user keeps has the type that it was given'],
      'test/jail/config-files.test.ts': ['libioc: special values are values, and what users keep stays as it was'],
    },
  },
  21: {
    libioc: 'a nameserver that is added for one jail is there for all',
    shown: { 'test/jail/config.test.ts': ['nothing that a value holds can be changed in another jail'] },
  },
  22: {
    libioc: 'defaults take names that nobody knows, and dotted names break',
    shown: {
      [here]: ['defaults refuse what no jail can have'],
      'test/jail/config.test.ts': [
        'names below a value are refused, and a name that is taken away leaves no empty ones above it',
      ],
    },
  },
  23: {
    libioc: 'files are written in place, without a lock',
    shown: {
      'test/conformance/jail-config.ts': [
        'a configuration is written by nobody else, keeps what others have written meanwhile, and is undone with its caller',
      ],
      'test/jail/kill.test.ts': ['killed after each of its effects, it is undone or completed by who recovers'],
    },
  },
  24: {
    libioc: 'spaces in an fstab are written in a way that nothing else reads',
    shown: {
      'test/jail/fstab.test.ts': [
        'a line is read as fstab(5) and libioc write it, and a changed one is written with tabs and octal escapes',
      ],
    },
    later: 'backup',
  },
  25: { libioc: 'exports never unlock, and have the wrong format', shown: {}, later: 'backup' },
  26: {
    libioc: 'downloads know no time limit and no progress, and mirrors are gone',
    shown: {
      'test/jail/release-download.test.ts': [
        'a file arrives whole, with its digest, and progress that only grows',
        'a server that stops sending is given up, before and after its first byte',
      ],
      'test/jail/fetch.test.ts': ['a digest that does not match is refused before anything is unpacked'],
    },
    same: 'digests come from the mirror that has the files: FreeBSD signs neither; https says who the mirror is',
  },
  27: {
    libioc: 'the list of local releases is broken',
    shown: { 'test/jail/distribution.test.ts': ['the releases of this host are listed by both faces, with filters'] },
  },
  28: {
    libioc: 'a name of 24 characters takes a second to be refused',
    shown: {
      [here]: ['names are refused in a time that grows with their length'],
      'test/jail/filter.test.ts': [
        '10,000 hostile characters take at most ten times the time of 1,000, in names, globs and lists',
      ],
      'test/jail/config-values.test.ts': ['10,000 hostile characters are read in at most ten times the time of 1,000'],
    },
  },
  29: {
    libioc: 'brackets in a filter are regular expressions',
    shown: {
      'test/jail/filter.test.ts': [
        'a star is any run, a plus one that is not empty, and every other character is itself',
      ],
    },
  },
  30: { libioc: 'options of commands are read and forgotten', shown: {}, later: 'command line' },
  31: {
    libioc: 'a console shares the terminal of its caller, who can be typed for',
    shown: {
      'test/jail/linux-platform-exec.lab.test.ts': ['at a terminal the command gets a new one, made in the jail'],
    },
  },
  32: {
    libioc: 'the directory of logs has a mode that nobody can use, and no log in it',
    shown: {
      'test/conformance/jail-dependencies.ts': [
        'what the hooks of a jail say is in its console log, in order and with how they ended',
      ],
    },
  },
}
