/** What the fragments of docs/client.md stand on: a client, and what frameworks and the page of a reader have. */
import type { Client, JsonValue } from '../../../lib/client/index.ts'

interface Pump { speed: number }
interface Plant { title: string, pumps: Record<string, Pump> }

export { connect } from '../../../lib/client/index.ts'
export declare const client: Client<Plant>
export declare const plant: Client
export declare const banner: HTMLElement
export declare function draw (pump: unknown): void
export declare function sound (alarm: JsonValue): void
// React
export declare function useCallback<T> (callback: T, dependencies: unknown[]): T
// Any: the views are told a path and not a type.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export declare function useSyncExternalStore (subscribe: (listener: () => void) => () => void, snapshot: () => unknown): any
export declare function memo<T> (component: T): T
// Vue
export declare function shallowRef<T> (value: T): { value: T }
export declare function onScopeDispose (end: () => void): void
