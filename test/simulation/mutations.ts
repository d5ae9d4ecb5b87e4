/** Bugs to plant: each is a small change of the library that a careless hand could make, and the simulation has to find it. */

export interface Mutation {
  readonly name: string
  readonly file: string
  /** Stands in the file once. */
  readonly text: string
  readonly replacement: string
  /** Whether it takes so many seeds to find that `npm test` leaves it to `npm run simulate -- --mutations`. */
  readonly rare?: true
}

/** Chosen before the simulation could find any of them. */
export const mutations: readonly Mutation[] = [
  {
    name: 'who stands two bases behind lacks the journal between',
    file: 'lib/server/sync/cohorts.ts',
    text: 'for (let i = index + 1; i < this.#cohorts.length; i++)',
    replacement: 'for (let i = index + 2; i < this.#cohorts.length; i++)'
  },
  {
    name: 'who is welcomed within a window joins those who stand at its beginning',
    file: 'lib/server/sync/cohorts.ts',
    text: 'this.#split()\n    for (const member of ready)',
    replacement: 'for (const member of ready)'
  },
  {
    name: 'who falls behind is taken to have been sent the message that it lacks',
    file: 'lib/server/sync/cohorts.ts',
    text: 'this.#laggards.add(member, base, missed())',
    replacement: 'this.#laggards.add(member, this.#source.revision, missed())'
  },
  {
    name: 'who falls behind at delay 0 lacks the places of the step that could not go',
    file: 'lib/server/sync/cohorts.ts',
    text: 'steps.slice(i).map(',
    replacement: 'steps.slice(i + 1).map('
  },
  {
    name: 'of two journals the newer record wins',
    file: 'lib/state/history/journal.ts',
    text: 'if (node.before !== untouched) return\n    if (later.before !== untouched) {',
    replacement: 'if (later.before !== untouched) {'
  },
  {
    name: 'a touch below a place makes one forget that the place itself was written',
    file: 'lib/state/history/touches.ts',
    text: 'new TouchNode(entry === undefined ? 0 : latestOf(entry))',
    replacement: 'new TouchNode(0)'
  },
  {
    name: 'a socket that drains outside of a window brings nobody up to date',
    file: 'lib/server/sync/sync-group.ts',
    text: '(this.#timer !== undefined || this.#delay === null)) return',
    replacement: 'this.#delay !== 0) return'
  },
  {
    name: 'who leaves stays in its cohort',
    file: 'lib/server/sync/sync-group.ts',
    text: 'this.#cohorts.delete(member)',
    replacement: 'this.#members.delete(subscriber)'
  },
  {
    name: 'a message overtakes those that wait behind the state',
    file: 'lib/server/wire/outbox.ts',
    text: 'return this.#queue === undefined && this.#isReady',
    replacement: 'return this.#isReady'
  },
  {
    name: 'a notification overtakes the responses of its turn',
    file: 'lib/server/wire/outbox.ts',
    text: 'if (this.#batch !== undefined && !isAhead) this.flush()\n',
    replacement: '\n'
  },
  {
    name: 'the answer to a probe wakes nobody',
    file: 'lib/server/wire/age-gate.ts',
    text: 'this.#awaited = this.#before = 0\n    this.#letGo()',
    replacement: 'this.#awaited = this.#before = 0'
  },
  {
    name: 'a connection that is not read any more leaves the state that waits for an answer waiting',
    file: 'lib/server/wire/age-gate.ts',
    text: 'this.#awaited = this.#before = this.#behind = 0\n    this.#letGo()',
    replacement: 'this.#awaited = this.#before = this.#behind = 0',
    rare: true
  },
  {
    name: 'control frames behind what shut the gate keep it shut',
    file: 'lib/server/wire/socket-gate.ts',
    text: '(this.#crossing > 0 && this.#socket.writableLength >= this.#limit)) return',
    replacement: 'this.#socket.writableLength >= this.#limit) return',
    rare: true
  },
  {
    name: 'what waits has been worked off, and reading does not go on',
    file: 'lib/server/requests/request-queue.ts',
    text: 'else this.#owner.fail(fault)\n    }\n    this.#unpause()',
    replacement: 'else this.#owner.fail(fault)\n    }'
  },
  {
    name: 'a second request may begin before the first has ended',
    file: 'lib/server/requests/request-queue.ts',
    text: 'this.#waiting.length > 0 && this.#running === 0 &&',
    replacement: 'this.#waiting.length > 0 && this.#running < 2 &&'
  },
  {
    name: 'only the first echo of a connection is answered in time',
    file: 'lib/server/requests/request-queue.ts',
    text: 'answerUrgents (): void {\n    this.#urgentTimer = undefined',
    replacement: 'answerUrgents (): void {'
  },
  {
    name: 'what a handler was given is not given back where its connection has ended',
    file: 'lib/server/requests/request-queue.ts',
    text: 'this.#settings.budget.give(treeBytes)',
    replacement: 'if (!this.#stopped) this.#settings.budget.give(treeBytes)'
  },
  {
    name: 'a command that still runs is forgotten after its time',
    file: 'lib/server/requests/commands/local-memory.ts',
    text: 'if (known.until > now || known.running) return',
    replacement: 'if (known.until > now) return',
    rare: true
  },
  {
    name: 'two commands of one key are told apart by their names alone',
    file: 'lib/server/requests/commands/commands.ts',
    text: 'return digestOf(',
    replacement: 'if (name.length > 0) return digestOf(name)\n    return digestOf('
  },
  {
    name: 'a command may begin a second after its time',
    file: 'lib/server/requests/commands/commands.ts',
    text: "if (late > 0) throw refusal('JUGGLER_EXPIRED'",
    replacement: "if (late > 1000) throw refusal('JUGGLER_EXPIRED'"
  },
  {
    name: 'a command of another memory is run',
    file: 'lib/server/requests/commands/commands.ts',
    text: 'request.journal !== undefined && request.journal !== memory.journal',
    replacement: "request.journal === ''"
  },
  {
    name: 'a client takes a command that it has sent before for a new one when a server stops properly',
    file: 'lib/client/commands.ts',
    text: 'command.again = !!command.journal',
    replacement: 'command.again = false'
  },
  {
    name: 'a client applies the first patch after a reconnect to the old state',
    file: 'lib/client/client.ts',
    text: "operations = [{ op: 'replace', path: '', value: aside.root }]",
    replacement: ''
  },
  {
    name: 'a client hears what comes in late on a socket that it has given up',
    file: 'lib/client/session.ts',
    text: `    if (phase === closing) return
    heard = true
    session.unanswered = false
    watchdog.heard()
    try {
      const proof = phase === proving && read(data)
      if (proof) opened()
      await callersTurn
      // What came before may have closed the session. This frame is decoded only now, so that a fault in it comes after
      // the messages before it.
      if (phase === closing) return
`,
    replacement: `    heard = true
    session.unanswered = false
    if (phase !== closing) watchdog.heard()
    try {
      const proof = phase === proving && read(data)
      if (proof) opened()
      await callersTurn
`
  },
  {
    name: 'a segment may end between the halves of a surrogate pair',
    file: 'lib/protocol/segmented.ts',
    text: 'text.codePointAt(end - 1)! > 0xffff',
    replacement: 'text.codePointAt(end - 1)! > 0x1ffff'
  },
  {
    name: 'a client may come back to the place of another history',
    file: 'lib/server/sync/places.ts',
    text: 'epoch !== this.epoch ||',
    replacement: ''
  },
  {
    name: 'a client comes back to the change after its place',
    file: 'lib/server/sync/places.ts',
    text: 'revision <= this.#source.revision ? revision : undefined',
    replacement: 'revision <= this.#source.revision ? Math.min(revision + 1, this.#source.revision) : undefined'
  },
  {
    name: 'what many clients come back to is told for the youngest of them',
    file: 'lib/server/sync/laggards.ts',
    text: 'now - roundedUp(now - base)',
    replacement: 'now - Math.floor((now - base) / 1.4)'
  },
  {
    name: 'who cannot be told of its empty state when the window ends never is',
    file: 'lib/server/sync/announcements.ts',
    text: 'else this.#late.add(subscriber)',
    replacement: '',
    rare: true
  },
  {
    name: 'a drift check goes with a patch that leads to an earlier revision',
    file: 'lib/server/sync/drift-checks.ts',
    text: "if (revision !== this.#source.revision) return ''",
    replacement: ''
  },
  {
    name: 'a drift check minds the order of members',
    file: 'lib/json/digest.ts',
    text: 'sum = sum + hashOf(',
    replacement: 'sum = sum * 3 + hashOf('
  },
  {
    name: 'the member of a drift check is kept for the next revision',
    file: 'lib/server/sync/drift-checks.ts',
    text: 'this.#member = this.#forced = undefined\n',
    replacement: '\n'
  },
  {
    name: 'of two tabs the one that is behind keeps its state',
    file: 'lib/storage/state-storage.ts',
    text: "isForeign || head.epoch === '' || kept!.revision < head.revision",
    replacement: 'true'
  },
  {
    name: 'a kept state is not marked stale',
    file: 'lib/client/client.ts',
    text: 'stale = true\n      place = at',
    replacement: 'place = at'
  },
  {
    name: 'what may be seen stays the container that it was',
    file: 'lib/state/projection/projection.ts',
    text: 'this.#put(parent, key, live)\n',
    replacement: '\n'
  },
  {
    name: 'a change within an array concerns nobody who sees another element',
    file: 'lib/state/projection/projector.ts',
    text: " || typeof keys[depth] === 'number'",
    replacement: ''
  },
  {
    name: 'a rule that denies is overridden by any that allows',
    file: 'lib/state/projection/rules.ts',
    text: 'rule.allow || allowing.some((other) => isNarrower(other, rule))',
    replacement: 'true'
  },
  {
    name: 'who asks for other parts is taken to have nothing',
    file: 'lib/server/sync/sync-group.ts',
    text: 'blank: false, announceNull: false, resuming: false, waiters }',
    replacement: 'blank: true, announceNull: false, resuming: false, waiters }'
  },
  {
    name: 'who asks for other parts stays at its place in the history of the old ones',
    file: 'lib/server/connection/connection.ts',
    text: 'this.#place(source)\n    this.#group = this.#groupOf(source, state)\n    this.#group.take',
    replacement: 'this.#group = this.#groupOf(source, state)\n    this.#group.take'
  }
]
