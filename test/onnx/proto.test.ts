/** The bytes of an `.onnx` file, against protobuf's own rules written out by hand. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { encodeModel } from '../../src/onnx/proto.js'

test('fields are written under the numbers of the ONNX schema, in their order', () => {
  const bytes = encodeModel({
    irVersion: 10,
    producerName: 'p',
    opsetImport: [{ domain: '', version: 21 }],
    graph: { name: 'g', node: [], initializer: [], input: [], output: [] },
  })
  const irVersion = [0x08, 10] // field 1, a varint
  const producer = [0x12, 1, 0x70] // field 2, "p"
  const graph = [0x3a, 3, 0x12, 1, 0x67] // field 7: its name, field 2, "g"
  const opset = [0x42, 2, 0x10, 21] // field 8: the version, field 2; an empty domain is not written
  assert.equal([...bytes], [...irVersion, ...producer, ...graph, ...opset])
})

test.run()
