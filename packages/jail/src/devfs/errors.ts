import { IocError, registerErrors } from '@gaoler/core'

/**
 * Base of what is wrong with the rules of device file systems.
 * @remedy See the message of the class that was thrown.
 */
export class DevfsRuleException extends IocError {
  static override readonly code: string = 'DEVFS_RULE'
}

/**
 * A line of a rules file cannot be understood.
 * @remedy Correct the line; devfs.rules(5) says how it is written.
 */
export class InvalidDevfsRulesSyntax extends DevfsRuleException {
  static override readonly code: string = 'INVALID_DEVFS_RULES_SYNTAX'
  constructor(details: { file: string; line?: number; reason: string }, options: ErrorOptions = {}) {
    const where = details.line === undefined ? details.file : `${details.file}, line ${details.line}`
    super(`${where} cannot be read: ${details.reason}; see devfs.rules(5)`, details, options)
  }
}

/**
 * Two rulesets of a file have the same name or number.
 * @remedy Rename or renumber one of them.
 */
export class DuplicateDevfsRuleset extends DevfsRuleException {
  static override readonly code: string = 'DUPLICATE_DEVFS_RULESET'
  constructor(details: { file: string; ruleset: string }, options: ErrorOptions = {}) {
    super(`${details.file} has the ruleset ${details.ruleset} twice: rename or renumber one of them`, details, options)
  }
}

/**
 * Rules stand before the first name of a ruleset.
 * @remedy Begin the ruleset with a line like [web=10].
 */
export class MissingDevfsRulesetName extends DevfsRuleException {
  static override readonly code: string = 'MISSING_DEVFS_RULESET_NAME'
  constructor(details: { file: string; line?: number }, options: ErrorOptions = {}) {
    const where = details.line === undefined ? details.file : `${details.file}, line ${details.line}`
    super(`${where} has rules that belong to no ruleset: begin it with a line like [web=10]`, details, options)
  }
}

registerErrors({ DevfsRuleException, InvalidDevfsRulesSyntax, DuplicateDevfsRuleset, MissingDevfsRulesetName })
