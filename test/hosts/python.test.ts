// @process own, all cores
/** examples/hosts/python. */
import { test } from 'uvu'
import { testHost } from '../support/hosts.js'

testHost('python')

test.run()
