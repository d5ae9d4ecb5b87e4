/** What peers may make the server spend: the members of the option `limits`. Defaults: lib/server/limits.ts. */

export interface Limits {
  /**
   * Upgrades that may wait for their answer at one time (in hooks, in a function given as `state`), on all routes of
   * the HTTP server; one beyond is answered with 503. Where several registrations share the server the largest holds.
   * @defaultValue `1000`
   */
  pendingUpgrades?: number
}
