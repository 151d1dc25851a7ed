// @process own, all cores
/** examples/hosts/go. */
import { test } from 'uvu'
import { testHost } from '../support/hosts.js'

testHost('go')

test.run()
