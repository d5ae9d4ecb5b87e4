/** Our own validators, at both ends: for apps that have set none, and for clients that check what arrives. */
import { Ajv } from 'ajv'
import type { Options } from 'ajv'
import addFormats from 'ajv-formats'

const options: Options = {
  // An error names what is wrong first. To look for all of them costs a peer nothing and the server what the peer likes.
  allErrors: false,
  // Neither coercion nor removal, unlike for query strings and bodies: both change data that was right. Of a union's
  // second variant `removeAdditional` deletes members that only it has; coercion makes 0 of a null that was meant.
  coerceTypes: false,
  removeAdditional: false,
  addUsedSchema: false,
  // Else `{}` has a member 'constructor'.
  ownProperties: true,
  // Unknown keywords are mistakes that nobody would notice. Others complain of what is right, on the console.
  strictSchema: true,
  strictTypes: false,
  strictTuples: false
}

/** Keywords that say something to readers alone. */
const annotations = ['example', 'xml', 'externalDocs', 'discriminator']

/**
 * @param shared - schemas that others may refer to (`addSchema`), by `$id`
 * @param useDefaults - whether what is missing is filled in
 */
export function makeAjv (shared: Readonly<Record<string, unknown>>, useDefaults: boolean): Ajv {
  const ajv = new Ajv({ ...options, useDefaults })
  // The package is CommonJS: its function is a member of what TypeScript takes for it.
  ;(addFormats as unknown as (ajv: Ajv) => void)(ajv)
  ajv.addVocabulary(annotations)
  for (const [id, schema] of Object.entries(shared)) ajv.addSchema(schema as object, id)
  return ajv
}
