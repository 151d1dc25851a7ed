import { test } from 'uvu'
import { rendersAlike } from '../../support/rendered.js'

rendersAlike('text methods')

test.run()
