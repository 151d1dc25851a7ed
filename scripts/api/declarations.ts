/** What a source file declares and passes on, read from its syntax tree: the ground of docs/api.md. */
import { parseSync, type Comment, type ExportNamedDeclaration, type Node } from 'oxc-parser'

/** One declaration as a reader of the reference sees it. */
export interface Declaration {
  name: string
  /** Its doc comment without the marks; empty where it has none. */
  comment: string
  /** Whole, but for bodies of functions and what is private to a class. */
  code: string
  isClass: boolean
  /** Names of types that it speaks of. */
  refers: readonly string[]
}

/** A name that comes from another file: `from` is the specifier as written, `name` what it is called there. */
export interface Origin {
  from: string
  name: string
}

export interface SourceFile {
  /** The first comment of the file: what it is. */
  header: string
  declarations: ReadonlyMap<string, Declaration>
  imports: ReadonlyMap<string, Origin>
  /** In the order of the source. */
  exports: readonly Exported[]
}

/** A declaration of the file, a name from another file, or all that another file exports. */
export type Exported =
  | { kind: 'local'; name: string; local: string }
  | ({ kind: 'named'; as: string } & Origin)
  | { kind: 'all'; from: string }

/** Reads TypeScript source. Throws where it does not parse. */
export function readDeclarations(source: string, file = 'source.ts'): SourceFile {
  const { program, comments, errors } = parseSync(file, source)
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`)
  const declarations = new Map<string, Declaration>()
  const imports = new Map<string, Origin>()
  const exports: Exported[] = []

  for (const statement of program.body) {
    if (statement.type === 'ImportDeclaration') {
      for (const one of statement.specifiers)
        imports.set(one.local.name, {
          from: statement.source.value,
          name: one.type === 'ImportSpecifier' ? nameOf(one.imported) : one.local.name,
        })
    } else if (statement.type === 'ExportAllDeclaration') {
      exports.push({ kind: 'all', from: statement.source.value })
    } else if (statement.type === 'ExportNamedDeclaration' && !statement.declaration) {
      for (const { local, exported } of statement.specifiers) {
        const origin = statement.source
          ? { from: statement.source.value, name: nameOf(local) }
          : imports.get(nameOf(local))
        exports.push(
          origin
            ? { kind: 'named', as: nameOf(exported), ...origin }
            : { kind: 'local', name: nameOf(exported), local: nameOf(local) },
        )
      }
    } else {
      const isExported = statement.type === 'ExportNamedDeclaration'
      const declared = isExported ? (statement as ExportNamedDeclaration).declaration! : statement
      const name = declaredName(declared)
      if (name === null) continue
      const comment = commentBefore(source, comments, statement.start)
      declarations.set(name, {
        name,
        comment,
        code: publicText(source, statement.start, declared, comments),
        isClass: declared.type === 'ClassDeclaration',
        refers: typesIn(declared),
      })
      if (isExported) exports.push({ kind: 'local', name, local: name })
    }
  }
  const first = comments.find(({ type }) => type === 'Block')
  const header = first && source.slice(0, first.start).trim() === '' ? cleaned(first.value) : ''
  return { header, declarations, imports, exports }
}

const nameOf = (node: { type: string; name?: string; value?: unknown }): string => node.name ?? String(node.value)

function declaredName(node: Node): string | null {
  switch (node.type) {
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
    case 'ClassDeclaration':
    case 'FunctionDeclaration':
      return node.id?.name ?? null
    case 'VariableDeclaration': {
      const { id } = node.declarations[0]
      return id.type === 'Identifier' ? id.name : null
    }
    default:
      return null
  }
}

/** The declaration from `start` on as its users may see it. */
function publicText(source: string, start: number, node: Node, comments: readonly Comment[]): string {
  if (node.type === 'FunctionDeclaration') return signature(source, start, node.body?.start ?? node.end)
  if (node.type === 'VariableDeclaration') {
    const { id } = node.declarations[0]
    const isTyped = id.type === 'Identifier' && id.typeAnnotation
    return signature(source, start, isTyped ? id.end : node.end)
  }
  if (node.type !== 'ClassDeclaration') return source.slice(start, node.end)
  const members = node.body.body.flatMap((member) => {
    const isHidden =
      ('accessibility' in member && member.accessibility === 'private') ||
      ('key' in member && member.key.type === 'PrivateIdentifier')
    if (isHidden || member.type === 'StaticBlock') return []
    const comment = comments.find(({ end }) => end <= member.start && source.slice(end, member.start).trim() === '')
    const end =
      member.type === 'MethodDefinition'
        ? (member.value.body?.start ?? member.end)
        : member.type === 'PropertyDefinition' && member.typeAnnotation
          ? member.typeAnnotation.end
          : member.end
    const text = comment ? `${source.slice(comment.start, comment.end)}\n  ` : ''
    return `  ${text}${signature(source, member.start, end)}`
  })
  return `${source.slice(start, node.body.start).trimEnd()} {\n${members.join('\n')}\n}`
}

function signature(source: string, start: number, end: number): string {
  return source
    .slice(start, end)
    .trimEnd()
    .replace(/\b(?:private|protected) (?:readonly )?/g, '')
}

function commentBefore(source: string, comments: readonly Comment[], start: number): string {
  const comment = comments.findLast(({ end }) => end <= start && source.slice(end, start).trim() === '')
  return comment?.type === 'Block' ? cleaned(comment.value) : ''
}

/** A comment's text without the stars at the lines' beginnings. */
function cleaned(text: string): string {
  return text
    .replace(/^\*/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .trim()
}

/** Names of the types that a declaration's face refers to; bodies and what is private are left out. */
function typesIn(node: Node): string[] {
  const found = new Set<string>()
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit)
    if (typeof value !== 'object' || value === null) return
    const one = value as {
      type?: string
      accessibility?: string
      typeName?: { name?: string }
      exprName?: { name?: string }
    }
    if (one.type === 'BlockStatement' || one.accessibility === 'private') return
    if (one.type === 'TSTypeReference' && one.typeName?.name) found.add(one.typeName.name)
    if (one.type === 'TSTypeQuery' && one.exprName?.name) found.add(one.exprName.name)
    if (one.type === 'TSInterfaceHeritage')
      found.add(String((value as { expression: { name?: string } }).expression.name))
    Object.values(value).forEach(visit)
  }
  visit(node)
  return [...found]
}
