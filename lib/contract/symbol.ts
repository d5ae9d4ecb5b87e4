/** Where a registration takes contracts, so that the contract itself needs no server. */

/** Of the plugin's decorator: takes the definition, and gives what `contract.on()` returns. Known by name, since there may be two copies of the package. */
export const kContract = Symbol.for('fastify-juggler.contract')
