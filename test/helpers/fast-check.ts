/** fast-check, whose reports of failures tap can read: it is imported from here alone. */
import fc from 'fast-check'

/**
 * Reports as fast-check does, on lines that end where they seem to. tap's parser takes U+2028 and U+2029 for ends of
 * lines, never gets past them, and drops what the failure was.
 *
 * @throws if the property failed
 */
function report (details: fc.RunDetails<unknown>): void {
  const message = fc.defaultReportMessage(details)
  if (message === undefined) return // it held
  throw new Error(message.replace(/[\u2028\u2029]/g, escaped), { cause: details.errorInstance })
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16)}`

fc.configureGlobal({ ...fc.readConfigureGlobal(), reporter: report })

export default fc
