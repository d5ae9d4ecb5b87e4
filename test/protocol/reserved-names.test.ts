import t from 'tap'
import * as reserved from '../../lib/protocol/reserved-names.ts'

t.test('names that the app cannot have, and those that do not wait', async (t) => {
  t.same(['', 'juggler/paths', 'juggler/', 'juggler/other', 'juggler', 'Juggler/paths', 'pump/juggler/'].map(reserved.isReserved), [true, true, true, true, false, false, false])
  t.same([reserved.echo, reserved.paths, 'juggler/other'].map(reserved.isUrgent), [true, true, false])
})
