/** What the fragments of docs/interop.md stand on: names of hat-juggler's client. */
export declare const renderer: unknown
export declare class Application { constructor (path: string[], renderer: unknown, addresses: string[]) }
