/** Checks what `handle()` is told about requests. */
import type { HandleOptions } from '../../../types/server.ts'
import { describe } from '../describe.ts'
import { FST_JUGGLER_ARGUMENT_INVALID, FST_JUGGLER_OPTION_CONFLICT } from '../errors.ts'
import { boolean, checkMembers, givenMembers, integer, isObject, maxDelay } from '../option-rules.ts'
import type { Rule } from '../option-rules.ts'

const rules: { readonly [K in keyof Required<HandleOptions>]: Rule } = {
  schema: { test: isObject, expected: 'an object of the schemas data and result' },
  serializer: boolean,
  timeout: integer(1, maxDelay),
  once: boolean
}

const schemaRule: Rule = { test: isObject, expected: 'a JSON Schema' }
const schemaRules = { data: schemaRule, result: schemaRule }

/**
 * @param name - of the requests
 * @returns a copy of the options
 * @throws FST_JUGGLER_ARGUMENT_INVALID, FST_JUGGLER_OPTION_INVALID, FST_JUGGLER_OPTION_UNKNOWN, FST_JUGGLER_OPTION_CONFLICT
 */
export function readHandleOptions (name: string, options: HandleOptions): HandleOptions {
  if (!isObject(options)) throw new FST_JUGGLER_ARGUMENT_INVALID(`handle('${name}')`, 'an object of options', describe(options))
  // An option that is passed over in silence would be taken for a check that is made.
  checkMembers(options, rules, `${name}: `)
  const read: HandleOptions = givenMembers(options, rules)
  if (read.schema !== undefined) {
    checkMembers(read.schema, schemaRules, `${name}: schema.`)
    read.schema = givenMembers(read.schema, schemaRules)
  }
  if (read.serializer === true && read.schema?.result === undefined) {
    throw new FST_JUGGLER_OPTION_CONFLICT(`${name}: serializer`, "a missing 'schema.result': that is what it writes by")
  }
  return read
}
