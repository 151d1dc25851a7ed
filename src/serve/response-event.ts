/** One event of a streamed response; `type` is its name on the wire too, `sequence_number` counts from 0. */
export interface ResponseEvent {
  type: string
  sequence_number: number
}
