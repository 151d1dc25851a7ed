import { test } from 'uvu'
import { rendersAlike } from '../../support/rendered.js'

rendersAlike('numbers')

test.run()
