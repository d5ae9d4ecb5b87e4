/** Colyseus with temperatures of 16 bits over their range: the fewest bytes it can send, and not the values that were set. */
import { t } from '@colyseus/schema'
import { serve } from './colyseus.mjs'

export default serve(t.quantized({ min: 15, max: 35 }))
