/** The parts of a parsed template. */

export interface Arguments {
  positional: readonly Expression[]
  named: readonly { name: string; value: Expression }[]
  /** `*list` and `**dict` */
  spread: Expression | null
  spreadNamed: Expression | null
}

export type Expression =
  | { type: 'constant'; value: null | boolean | bigint | number | string }
  | { type: 'name'; name: string }
  | { type: 'list' | 'tuple'; items: readonly Expression[] }
  | { type: 'dict'; entries: readonly { key: Expression; value: Expression }[] }
  | { type: 'attribute'; of: Expression; name: string }
  | { type: 'item'; of: Expression; key: Expression }
  | { type: 'slice'; of: Expression; start: Expression | null; stop: Expression | null; step: Expression | null }
  | { type: 'call'; callee: Expression; args: Arguments }
  | { type: 'filter'; of: Expression; name: string; args: Arguments }
  | { type: 'test'; of: Expression; name: string; args: Arguments; negated: boolean }
  | { type: 'unary'; operator: '+' | '-' | 'not'; of: Expression }
  | { type: 'binary'; operator: string; left: Expression; right: Expression }
  | { type: 'concat'; parts: readonly Expression[] }
  | { type: 'logic'; operator: 'and' | 'or'; left: Expression; right: Expression }
  | { type: 'compare'; first: Expression; rest: readonly { operator: string; value: Expression }[] }
  | { type: 'choice'; test: Expression; value: Expression; otherwise: Expression | null }

/** What a value is given to: a name, several, or an attribute of a namespace. */
export type Target =
  | { type: 'name'; name: string }
  | { type: 'tuple'; items: readonly Target[] }
  | { type: 'member'; namespace: string; name: string }

export interface Parameter {
  name: string
  fallback: Expression | null
}

/** Filters of a block, in the order they are applied. */
export type Filters = readonly { name: string; args: Arguments }[]

export type Statement =
  | { type: 'data'; text: string }
  | { type: 'print'; value: Expression }
  | { type: 'if'; branches: readonly { test: Expression; body: Body }[]; otherwise: Body }
  | {
      type: 'for'
      target: Target
      over: Expression
      test: Expression | null
      recursive: boolean
      body: Body
      otherwise: Body
    }
  | { type: 'break' | 'continue' }
  | { type: 'set'; target: Target; value: Expression }
  | { type: 'capture'; target: Target; filters: Filters; body: Body }
  | { type: 'macro'; name: string; parameters: readonly Parameter[]; body: Body }
  | { type: 'call'; parameters: readonly Parameter[]; call: Expression & { type: 'call' }; body: Body }
  | { type: 'filter'; filters: Filters; body: Body }
  | { type: 'with'; sets: readonly { target: Target; value: Expression }[]; body: Body }
  | { type: 'scope'; body: Body }

export type Body = readonly Statement[]

/** Whether any part of a template reads the variable. */
export function readsName(part: unknown, name: string): boolean {
  if (typeof part !== 'object' || part === null) return false
  if (Array.isArray(part)) return part.some((inside) => readsName(inside, name))
  if ('type' in part && part.type === 'name' && 'name' in part && part.name === name) return true
  return Object.values(part).some((inside) => readsName(inside, name))
}
