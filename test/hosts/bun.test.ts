// @process own, all cores
/** examples/hosts/bun. */
import { test } from 'uvu'
import { testHost } from '../support/hosts.js'

testHost('bun')

test.run()
