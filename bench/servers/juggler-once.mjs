/** fastify-juggler, asked for commands; it forgets them soon, or their number would be the end of them. */
import { serve } from './juggler.mjs'

export default serve({ autoflushDelay: 1, onceWindow: 200 })
