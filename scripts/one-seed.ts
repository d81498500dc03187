/**
 * Under CI every property draws from one seed, so that what is red there is red because of the change, and red again when it is
 * repeated. Everywhere else each run draws a new one; a failure prints it.
 */
import fc from 'fast-check'

if (process.env['CI']) fc.configureGlobal({ seed: 1 })
