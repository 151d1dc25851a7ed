import { test } from 'uvu'
import { rendersAlike } from '../../support/rendered.js'

rendersAlike('white space')

test.run()
