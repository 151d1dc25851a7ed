/**
 * The formats of strings that are kept, each as one or more regular expressions: the first is what the format means
 * here, those after it mean part of it. Schema builders write a `pattern` beside the `format`; it is taken for one of
 * these where the examples of that one, which go through all its branches, match it.
 */
import { boundedMatcher } from './bounded-match.js'

export interface Variant {
  pattern: string
  examples: readonly string[]
}

const DAY = '((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)'
const TIME = '([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?'
const OFFSET = '[+-]([01][0-9]|2[0-3]):[0-5][0-9]'
const TIMES = ['00:00:00', '19:59:59.1', '23:09:10.123456']
const BYTE = '(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])'
const LABEL = '[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?'
const PATH = '(/[A-Za-z0-9._~-]{0,32}){0,6}(\\?[A-Za-z0-9=&_-]{1,64})?'
const AFTER_SCHEME = `(${LABEL}\\.){1,3}[A-Za-z]{2,16}(:[1-9][0-9]{1,3})?${PATH}`
const HEX = '[0-9a-f]'
const GROUP = '[0-9a-f]{1,4}'
const uuid = (version: string, examples: readonly string[]): Variant => ({
  pattern: `${HEX}{8}-${HEX}{4}-${version}${HEX}{3}-[89ab]${HEX}{3}-${HEX}{12}`,
  examples: examples.map((one) => `0123456f-89ab-${one}cde-${'89ab'[Number(one) % 4]}fed-cba987654321`),
})

/** The 29th of February is left out: which years have it no short expression says. */
export const FORMATS: Readonly<Record<string, readonly Variant[]>> = {
  date: [{ pattern: `[0-9]{4}-${DAY}`, examples: ['2024-02-28', '1900-04-30', '0099-12-31', '2000-10-29'] }],
  time: [
    {
      pattern: `${TIME}(Z|${OFFSET})`,
      examples: TIMES.flatMap((time) => [`${time}Z`, `${time}+23:59`, `${time}-01:00`]),
    },
    { pattern: `${TIME}Z`, examples: TIMES.map((time) => `${time}Z`) },
  ],
  'date-time': [
    {
      pattern: `[0-9]{4}-${DAY}T${TIME}(Z|${OFFSET})`,
      examples: TIMES.flatMap((time) => [
        `2024-02-28T${time}Z`,
        `1900-04-30T${time}+23:59`,
        `0099-12-31T${time}-01:00`,
      ]),
    },
    { pattern: `[0-9]{4}-${DAY}T${TIME}Z`, examples: TIMES.map((time) => `1900-04-30T${time}Z`) },
    { pattern: `[0-9]{4}-${DAY}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z`, examples: ['1900-04-30T23:09:10Z'] },
  ],
  duration: [
    {
      pattern: 'P([0-9]{1,3}W|[0-9]{1,4}D(T[0-9]{1,4}H)?|T[0-9]{1,4}(H|M|S))',
      examples: ['P1W', 'P999W', 'P1D', 'P10DT5H', 'PT1H', 'PT20M', 'PT300S'],
    },
  ],
  uuid: [
    uuid('[1-8]', ['1', '2', '3', '4', '5', '6', '7', '8']),
    ...['1', '2', '3', '4', '5', '6', '7', '8'].map((version) => uuid(version, [version])),
  ],
  ipv4: [{ pattern: `(${BYTE}\\.){3}${BYTE}`, examples: ['0.9.10.99', '100.199.200.249', '250.255.1.0'] }],
  ipv6: [
    {
      pattern: `((${GROUP}:){7}${GROUP}|(${GROUP}:){1,6}:${GROUP})`,
      examples: ['0:1:f:abcd:4:5:6:7', '1::2', '1:2::f', '1:2:3:4:5:6::abcd'],
    },
  ],
  // 64 characters before the @ at most (RFC 5321, 4.5.3.1.1): four parts of 15, and three dots.
  email: [
    {
      pattern: `[A-Za-z0-9_+-]{1,15}(\\.[A-Za-z0-9_+-]{1,15}){0,3}@(${LABEL}\\.){1,3}[A-Za-z]{2,16}`,
      examples: ['a@b.cc', 'A_+-9.b.c.d@c-d.e9.f.museum', '-+_.0@Z.ORG', 'x@1.2.ab'],
    },
    {
      pattern: `[A-Za-z0-9]{1,15}(\\.[A-Za-z0-9]{1,15}){0,3}@(${LABEL}\\.){1,3}[A-Za-z]{2,6}`,
      examples: ['a@b.cc', 'A9.b.c.d@c-d.e9.f.museum', '0@Z.ORG'],
    },
  ],
  hostname: [
    { pattern: `(${LABEL}\\.){0,3}${LABEL}`, examples: ['a', 'a-b.c9', 'A.b.c.D-9', 'localhost'] },
    { pattern: `(${LABEL}\\.){1,3}[A-Za-z]{2,16}`, examples: ['a.bc', 'a-b.c9.org', 'A.b.c.museum'] },
  ],
  uri: [
    {
      pattern: `https?://${AFTER_SCHEME}`,
      examples: ['http://a.bc', 'https://a-b.c9.org:8080', 'https://A.b.c.museum/', 'http://x.yz/a._~-/b?c=1&d_-'],
    },
    {
      pattern: `https://${AFTER_SCHEME}`,
      examples: ['https://a-b.c9.org:8080', 'https://A.b.c.museum/', 'https://x.yz/a._~-/b?c=1&d_-'],
    },
  ],
}

/** The format's first variant all of whose examples match the pattern; undefined where there is none. */
export function variantMatching(format: string, pattern: string): Variant | undefined {
  const matches = boundedMatcher(pattern)
  return matches ? FORMATS[format].find(({ examples }) => examples.every(matches)) : undefined
}
