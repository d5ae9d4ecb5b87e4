import t from 'tap'
import { validatorOf } from '../../../../lib/server/requests/schemas/validator.ts'

t.test('Ajv is told of a parent, so that it can put another value in its place', async (t) => {
  const validate = validatorOf((value, context) => {
    const { parentData, parentDataProperty } = context as { parentData: Record<string, unknown>, parentDataProperty: string }
    parentData[parentDataProperty] = Number(value)
    return true
  })
  t.strictSame(validate('5'), { value: 5 })
})

t.test('an asynchronous schema of Ajv, and a validator that is broken', async (t) => {
  const violations = [{ path: '/a', message: 'no' }]
  const errors = [{ instancePath: '/a', message: 'no' }]
  t.strictSame(await validatorOf(async () => { throw Object.assign(new Error(), { errors }) })(1), { violations })
  await t.rejects(validatorOf(async () => { throw new Error('down') })(1) as Promise<unknown>, { message: 'down' })
  t.strictSame(await validatorOf(async () => false)(1), { violations: [{ path: '', message: 'is not valid' }] })
})

t.test('a value that is falsy is a value, and an error that is false is none', async (t) => {
  for (const value of [0, '', false, null]) t.strictSame(validatorOf(() => ({ value }))(1), { value })
  t.strictSame(validatorOf(() => ({ error: false, value: 2 }))(1), { value: 2 })
  t.strictSame(validatorOf(() => ({ error: null }))(1), { value: 1 })
})
