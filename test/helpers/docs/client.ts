/** What the fragments of docs/client.md stand on: a client, and what frameworks and the page of a reader have. */
import type { Client, JsonValue } from '../../../lib/client/index.ts'

interface Pump { speed: number }
interface Plant { title: string, pumps: Record<string, Pump> }

export { connect } from '../../../lib/client/index.ts'
export declare const client: Client<Plant>
// Of the views, which are told a path and not a type.
export declare const plant: Client<any> // eslint-disable-line @typescript-eslint/no-explicit-any
export declare const banner: HTMLElement
export declare function draw (pump: unknown): void
export declare function sound (alarm: JsonValue): void
// React
export declare function useCallback<T> (callback: T, dependencies: unknown[]): T
export declare function useSyncExternalStore<T> (subscribe: (listener: () => void) => () => void, snapshot: () => T): T
export declare function memo<T> (component: T): T
// Vue
export declare function shallowRef<T> (value: T): { value: T }
export declare function onScopeDispose (end: () => void): void
