import { test } from 'uvu'
import { rendersAlike } from '../../support/rendered.js'

rendersAlike('tests')

test.run()
