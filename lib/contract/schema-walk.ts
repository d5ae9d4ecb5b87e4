/** JSON Schemas (draft-07, and what newer ones add): which members hold schemas, and what AsyncAPI tools trip over. */
import type { JsonObject, JsonValue } from '../../types/json.ts'

/** Their members are schemas by names of the user's. */
const maps = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependencies', 'dependentSchemas'])
/** Hold data, where nothing is a schema, whatever it looks like. */
const data = new Set(['const', 'enum', 'default', 'examples'])
/** A boolean here is a schema. */
const schemaOrFlag = new Set([
  'items', 'additionalItems', 'contains', 'additionalProperties', 'propertyNames', 'not', 'if', 'then', 'else', 'allOf', 'anyOf',
  'oneOf', 'prefixItems', 'unevaluatedItems', 'unevaluatedProperties'
])

const isData = (keyword: string): boolean => data.has(keyword) || keyword.startsWith('x-')

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)
export const isSchema = (value: unknown): value is JsonObject | boolean => isObject(value) || typeof value === 'boolean'

/**
 * A copy of a schema, of whose direct subschemas each is what the function gives for it. An object under an unknown keyword
 * counts as one: references may lead there.
 *
 * @param keys - of the schema, from its root
 */
export function mapChildren (
  schema: JsonObject, keys: readonly string[], each: (child: JsonValue, keys: readonly string[]) => JsonValue): JsonObject {
  return mapMembers(schema, (value, keyword) => {
    const at = [...keys, keyword]
    const isChild = (value: JsonValue) => isObject(value) || (typeof value === 'boolean' && schemaOrFlag.has(keyword))
    if (isData(keyword)) return value
    if (Array.isArray(value)) return value.map((item, i) => isChild(item) ? each(item, [...at, `${i}`]) : item)
    if (maps.has(keyword) && isObject(value)) return mapMembers(value, (child, name) => isSchema(child) ? each(child, [...at, name]) : child)
    return isChild(value) ? each(value, at) : value
  })
}

// Not by assignment, in which `__proto__` is no name like others.
const mapMembers = (value: JsonObject, each: (value: JsonValue, name: string) => JsonValue): JsonObject =>
  Object.fromEntries(Object.entries(value).map(([name, member]) => [name, each(member, name)]))

/**
 * Names that no object of an AsyncAPI document can have: `@asyncapi/parser` takes every `$ref` for a reference, wherever it
 * stands, and loses or throws at the others.
 */
const crashes = new Set(['$ref', '__proto__', 'hasOwnProperty'])

/** A schema in which patterns take the place of properties whose names AsyncAPI tools trip over. */
export function withoutCrashes (schema: JsonObject): JsonObject {
  const { properties, patternProperties } = schema
  if (!isObject(properties) || !Object.keys(properties).some((name) => crashes.has(name))) return schema
  const entries = Object.entries(properties)
  const patterns = entries.filter(([name]) => crashes.has(name)).map(([name, value]) => [`^${name.replace('$', '\\$')}$`, value])
  return {
    ...schema,
    properties: Object.fromEntries(entries.filter(([name]) => !crashes.has(name))),
    patternProperties: { ...isObject(patternProperties) ? patternProperties : {}, ...Object.fromEntries(patterns) }
  }
}

/** The keyword of a schema that AsyncAPI cannot carry. */
export function refusedMember (schema: JsonObject): string | undefined {
  return Object.entries(schema).find(([keyword, value]) =>
    keyword === '$dynamicRef' || keyword === '$recursiveRef' || (keyword !== '$ref' && crashes.has(keyword)) ||
    (isData(keyword) && hasCrash(value)) || (maps.has(keyword) && !isDefinitions(keyword) && isObject(value) && hasName(value)))?.[0]
}

// Definitions get other names, properties become patterns.
const isDefinitions = (keyword: string): boolean => keyword === '$defs' || keyword === 'definitions' || keyword === 'properties'
const hasName = (value: JsonObject): boolean => Object.keys(value).some((name) => crashes.has(name))
const hasCrash = (value: JsonValue): boolean =>
  Array.isArray(value) ? value.some(hasCrash) : isObject(value) && (hasName(value) || Object.values(value).some(hasCrash))
