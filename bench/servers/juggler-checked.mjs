/** fastify-juggler, asked for requests whose data and results are held to schemas. */
import { serve } from './juggler.mjs'

export default serve({ autoflushDelay: 1 })
