// @process own, all cores
/** examples/hosts/rust. */
import { test } from 'uvu'
import { testHost } from '../support/hosts.js'

testHost('rust')

test.run()
