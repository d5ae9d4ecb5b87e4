/** What runs were made of, and which faults have really happened. */

export const newCounts = () => ({
  steps: 0,
  events: 0,
  edits: 0,
  states: 0,
  notifications: 0,
  requests: 0,
  commands: 0,
  reconnects: 0,
  resumed: 0,
  restored: 0,
  cut: 0,
  stall: 0,
  halfOpen: 0,
  lateClose: 0,
  slow: 0,
  pageLeft: 0,
  restartKept: 0,
  restartLost: 0,
  stopped: 0,
  drained: 0,
  framingChanged: 0,
  lateTimers: 0
})

export type Counts = ReturnType<typeof newCounts>
