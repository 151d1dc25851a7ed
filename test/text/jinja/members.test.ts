import { test } from 'uvu'
import { rendersAlike } from '../../support/rendered.js'

rendersAlike('places and slices')

test.run()
