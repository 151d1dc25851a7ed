import { test } from 'uvu'
import { rendersAlike } from '../../support/rendered.js'

rendersAlike('loops and scopes')

test.run()
