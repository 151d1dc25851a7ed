import { test } from 'uvu'
import { rendersAlike } from '../../support/rendered.js'

rendersAlike('filters')

test.run()
