/** What peers may make the server spend: the members of the option `limits`. Defaults: lib/server/limits.ts. */

export interface Limits {
  /**
   * Connections at one time, from their upgrade until their socket is gone. An upgrade beyond is answered with 503.
   * @defaultValue `50000`
   */
  connections?: number
  /**
   * The same of one address (`request.ip`; of IPv6 its first 64 bits); an upgrade beyond is answered with 429. Behind a
   * proxy that the app's `trustProxy` does not trust all clients have one address.
   * @defaultValue `null`: as many as there are
   */
  connectionsPerAddress?: number | null
  /**
   * Upgrades that may wait for their answer at one time (in hooks, in a function given as `state`), on all routes of
   * the HTTP server; one beyond is answered with 503. Where several registrations share the server the largest holds.
   * @defaultValue `1000`
   */
  pendingUpgrades?: number
  /**
   * Bytes of heap of input that all connections of the registration may hold together: requests that wait, messages of
   * which only part has come, and what handlers that run were given; and as many of output, where what several share
   * counts once. Beyond half of it connections with requests waiting are read no more until those are answered; at it the
   * one with the most is closed with 4429.
   * @defaultValue `134217728`
   */
  bufferedBytes?: number
  /**
   * Requests of one connection that may wait, or with `parallelRequests` run, before no more of its input is read. At
   * half of it reading goes on. Nothing is lost: what is not read waits with the client.
   * @defaultValue `1024`
   */
  requestsInFlight?: number
  /**
   * Requests of one connection a second, with as many at once. Who sends faster is read more slowly; who
   * sends at once what would take over a minute is closed with 4429.
   * @defaultValue `null`: as many as come
   */
  requestsPerSecond?: number | null
  /**
   * Bytes of messages of one connection a second, with as many at once. The same happens to who sends faster.
   * @defaultValue `null`: as many as come
   */
  bytesPerSecond?: number | null
  /**
   * Levels of arrays and objects in the `data` of a request, or another member. One deeper closes the connection with
   * 4429 (4400 where it is the `id`). At most 1000, which is what can be made into text again.
   * @defaultValue `64`
   */
  maxJsonDepth?: number
  /**
   * Values and member names that a request may hold together; each array and each object counts one more. Beyond it
   * the connection is closed with 4429. It bounds the time that one message takes.
   * @defaultValue `50000`
   */
  maxJsonElements?: number
  /**
   * Segmented framing: segments that a message from a client may have, empty ones included. Beyond it the connection
   * is closed with 4429.
   * @defaultValue `16384`
   */
  maxSegments?: number
  /**
   * Different sets of parts (`?path=`, `client.watch`) that clients may ask for of one state; equal ones count once, and
   * have 32 KiB of heap on average: some hundred keys. A connection beyond is closed with 1013, a change of parts is answered with
   * `JUGGLER_PATH_SETS_FULL`.
   * @defaultValue `1000`
   */
  pathSets?: number
}
