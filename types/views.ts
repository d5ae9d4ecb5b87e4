/** Views: what each kind of client may see of a state. docs/views.md. */
import type { DeepReadonly, JsonValue, Path } from './json.ts'

/**
 * What clients of one view may see. A pattern is a JSON Pointer; in it `*` is any key of one level, and `**` at its end
 * any rest. It covers its place and all below it. Nothing is seen that no pattern of `allow` covers. A pattern of `deny`
 * stands, unless one of `allow` covers strictly less.
 *
 * @example
 * { allow: ['/pumps/**', '/alarms'], deny: ['/pumps/*\/service'] }
 */
export interface ViewRules {
  /** Patterns of what may be seen. At most 10,000. */
  allow: readonly string[]
  /** Patterns of what may not. At most 10,000. @defaultValue `[]` */
  deny?: readonly string[]
}

/** What one client may see. Without the option `views` that is everything. */
export interface View {
  /** What the option `view` returned for the client; undefined: views are not used. */
  readonly key: string | undefined
  /**
   * Whether the client may see a place and all below it.
   *
   * @throws JugglerStateError `JUGGLER_PATH_INVALID`
   */
  allows (path: Path): boolean
  /**
   * What the client may see of the state at a path, as a snapshot; `null` where that is nothing.
   *
   * @throws JugglerStateError `JUGGLER_PATH_INVALID`
   */
  get (path: Path): DeepReadonly<JsonValue>
  /**
   * The same as JSON text, for a route beside the WebSocket.
   *
   * @param path - default: the whole
   */
  stringify (path?: Path): string
}
