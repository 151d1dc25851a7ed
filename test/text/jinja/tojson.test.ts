import { test } from 'uvu'
import { rendersAlike } from '../../support/rendered.js'

rendersAlike('tojson')

test.run()
