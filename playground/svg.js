/** Makes SVG elements. */
export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.append(...children)
  return element
}

export const percent = (share) => `${share > 0 && share < 0.01 ? '<1' : Math.round(share * 100)} %`
