// @process own, all cores
/** examples/hosts/deno. */
import { test } from 'uvu'
import { testHost } from '../support/hosts.js'

testHost('deno')

test.run()
