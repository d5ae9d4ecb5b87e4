/** The budgets that the figures are held against; docs/performance.md says which are missed, and why. */
import { figure, table } from './report.ts'

interface Budget { what: string, fact: string, atMost?: number, atLeast?: number }

const budgets: Budget[] = [
  { what: 'F: CPU per update, 500 clients, against a ready string', fact: 'F.500.ratio', atMost: 0.85 },
  { what: 'F: the same, 2,000 clients', fact: 'F.2000.ratio', atMost: 0.85 },
  { what: 'Fz: CPU per compressed update, 500 clients', fact: 'Fz.500.ratio', atMost: 1 },
  { what: 'Fz: the same, 2,000 clients', fact: 'Fz.2000.ratio', atMost: 1 },
  { what: 'Fz: bytes per update', fact: 'Fz.2000.bytes', atMost: 335 },
  { what: 'Z: bytes of an update of one leaf', fact: 'Z.1', atMost: 20 },
  { what: 'Z: of five leaves', fact: 'Z.5', atMost: 62 },
  { what: 'R: echo requests per CPU second', fact: 'R.ratio', atLeast: 3 },
  { what: 'R: with schemas for data and result, against without', fact: 'R.checked', atLeast: 0.85 },
  { what: 'R: commands, against plain requests', fact: 'R.once', atLeast: 0.6 },
  { what: 'J: CPU of a join storm on 1 MB', fact: 'J.ratio', atMost: 0.75 },
  { what: 'B: bytes of who comes back after 50 ticks, kB', fact: 'B.bytes', atMost: 160 },
  { what: 'B: bytes, compressed', fact: 'B.z.bytes', atMost: 25 },
  { what: 'B: CPU over that of a bare connection, against the whole', fact: 'B.cpu', atMost: 0.6 },
  { what: 'B: CPU, compressed', fact: 'B.z.cpu', atMost: 0.25 },
  { what: 'B: time until all are fresh, against the whole', fact: 'B.time', atMost: 0.4 },
  { what: 'S: memory that 20 slow clients hold, MB (20 × (maxBufferedBytes + one frame))', fact: 'S.growth', atMost: 22.3 },
  { what: 'S: p99 of the others during the stall against before', fact: 'S.p99', atMost: 1.25 },
  { what: 'M: resident memory per idle connection, of the first 2,000', fact: 'M.ratio', atMost: 1.25 },
  { what: 'M: the same of the next 4,000', fact: 'M.next', atMost: 1.25 },
  { what: 'D: a tick at 100,000 devices against 1,000', fact: 'D.flat', atMost: 2 },
  { what: 'D: set 50 of 1,000, times fast-json-patch', fact: 'D.set.1000', atLeast: 8 },
  { what: 'D: set 50 of 100,000', fact: 'D.set.100000', atLeast: 1000 },
  { what: 'D: nothing shared, 1,000', fact: 'D.renew.1000', atLeast: 1.2 },
  { what: 'D: remove head of 1,000', fact: 'D.remove head.1000', atLeast: 100 },
  { what: 'D: insert head of 1,000', fact: 'D.insert head.1000', atLeast: 100 },
  { what: 'D: bytes of either', fact: 'D.head.bytes', atMost: 100 },
  { what: 'D: move one of 1,000', fact: 'D.move one.1000', atLeast: 8 },
  { what: 'D: slide a window of 10,000', fact: 'D.slide window.10000', atLeast: 3 },
  { what: 'P: a window of 500 readers at mixed paces against equal ones', fact: 'P.mixed', atMost: 10 },
  { what: 'P: memory of touched places against the text of the state', fact: 'P.memory', atMost: 2 },
  { what: 'A: oldest state on a slow line, s', fact: 'A.oldest', atMost: 4 },
  { what: 'A: newest state there after the storm, s (2 × merged message ÷ line + 1)', fact: 'A.newest', atMost: 3.7 },
  { what: 'G: longest gap of the others beside 150 slow readers, against alone', fact: 'G.gap', atMost: 1.5 },
  { what: 'L: p50 of a single change with a leading edge, ms', fact: 'L.p50', atMost: 5 },
  { what: 'V: 10 views of other halves, CPU against one', fact: 'V.half.10', atMost: 1.1 },
  { what: 'V: 10 views that hide a member of each', fact: 'V.hide.10', atMost: 1.1 },
  { what: 'V: 100 views of other halves', fact: 'V.half.100', atMost: 1.5 },
  { what: 'V: 100 views that hide a member of each', fact: 'V.hide.100', atMost: 1.5 },
  { what: 'V: 1,000 pages of one state, CPU against states of their own', fact: 'V.parts.cpu', atMost: 1.5 },
  { what: 'V: the same, bytes', fact: 'V.parts.bytes', atMost: 1.5 },
  { what: 'T: completion of a name of 200 requests, ms', fact: 'T.next', atMost: 300 },
  { what: 'C: a patch at 100,000 devices against 1,000', fact: 'C.flat', atMost: 2 }
]

/** The budgets whose figures were measured, as a table. */
export function budgetTable (facts: Record<string, number>): string | undefined {
  const measured = budgets.filter(({ fact }) => Number.isFinite(facts[fact]))
  if (measured.length === 0) return undefined
  return table(['', 'budget', 'measured', 'met'], measured.map(({ what, fact, atMost, atLeast }) => {
    const value = facts[fact]!
    const met = value <= (atMost ?? Infinity) && value >= (atLeast ?? -Infinity)
    return [what, atMost === undefined ? `at least ${figure(atLeast!)}` : `at most ${figure(atMost)}`, figure(value), met ? 'yes' : '**no**']
  }))
}
