/** fastify-juggler with its defaults but for a leading edge. */
import { serve } from './juggler.mjs'

export default serve({ autoflushLeading: true })
