import t from 'tap'
import { InputBudget } from '../../../lib/server/requests/input-budget.ts'
import type { BudgetHolder } from '../../../lib/server/requests/input-budget.ts'

class Holder implements BudgetHolder {
  waitingBytes: number
  wasShed = false
  relief = 0
  budget: InputBudget | undefined

  constructor (waitingBytes: number) {
    this.waitingBytes = waitingBytes
  }

  shed (): void {
    this.wasShed = true
    this.budget!.give(this.waitingBytes)
    this.waitingBytes = 0
  }

  relieved (): void {
    this.relief++
  }
}

function setUp (...waiting: number[]): { budget: InputBudget, holders: Holder[] } {
  const holders = waiting.map((bytes) => new Holder(bytes))
  const budget = new InputBudget(100, () => holders)
  for (const holder of holders) {
    holder.budget = budget
    budget.take(holder.waitingBytes)
  }
  return { budget, holders }
}

t.test('who has the most waiting goes first, and only as many go as have to', async (t) => {
  const { budget, holders } = setUp(10, 50, 30, 0)
  t.ok(budget.take(10), 'just fits')
  t.strictSame(holders.map(({ wasShed }) => wasShed), [false, false, false, false])
  t.ok(budget.take(1))
  t.strictSame(holders.map(({ wasShed }) => wasShed), [false, true, false, false])
  t.equal(budget.used, 51)
  t.ok(budget.take(60))
  t.strictSame(holders.map(({ wasShed }) => wasShed), [false, true, true, false])
})

t.test('where nothing waits there is nothing to gain', async (t) => {
  const { budget } = setUp()
  t.ok(budget.take(100))
  t.notOk(budget.take(1))
  t.equal(budget.used, 100)
  budget.give(1)
  t.ok(budget.take(1))
})

t.test('it is tight from half of it on, and who is held is told once at a quarter', async (t) => {
  const { budget, holders } = setUp(0, 0)
  budget.take(50)
  t.notOk(budget.isTight)
  budget.take(1)
  t.ok(budget.isTight)
  for (const holder of holders) budget.hold(holder)
  budget.release(holders[1]!)
  budget.give(25)
  t.strictSame(holders.map(({ relief }) => relief), [0, 0])
  budget.give(1)
  budget.give(1)
  t.strictSame(holders.map(({ relief }) => relief), [1, 0])
})
