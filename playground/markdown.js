/** Markdown of an answer as elements. What a model writes is not trusted: only elements of text are let through. */
import { marked } from './vendor/marked.js'
import DOMPurify from './vendor/purify.js'

const SAFE = {
  ALLOWED_TAGS:
    'p br hr strong em del code pre ul ol li blockquote h1 h2 h3 h4 h5 h6 table thead tbody tr th td a'.split(' '),
  ALLOWED_ATTR: ['href', 'start'],
  RETURN_DOM_FRAGMENT: true,
}

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

// Tags that a model writes are what it says, not markup.
marked.use({ gfm: true, breaks: true, renderer: { html: ({ text }) => escaped(text) } })

/** @returns {DocumentFragment} */
export function markdown(text) {
  const fragment = DOMPurify.sanitize(marked.parse(text, { async: false }), SAFE)
  for (const link of fragment.querySelectorAll('a')) {
    link.target = '_blank'
    link.rel = 'noopener noreferrer nofollow'
  }
  // What scrolls sideways is reached by keyboard.
  for (const block of fragment.querySelectorAll('pre, table')) block.tabIndex = 0
  return fragment
}
