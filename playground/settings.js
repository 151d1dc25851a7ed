/** Settings that stay: the values of fields, in this browser's storage. API keys are not among them. */

const NAME = 'sequoia-playground'

function stored() {
  try {
    return JSON.parse(localStorage.getItem(NAME)) ?? {}
  } catch {
    // Damaged, or storage is off: the page's own values hold.
    return {}
  }
}

export function settingOf(id) {
  return stored()[id]
}

export function keepSetting(id, value) {
  try {
    localStorage.setItem(NAME, JSON.stringify({ ...stored(), [id]: value }))
  } catch {
    // Without storage a setting holds until the page is left.
  }
}

/** Gives the fields what they were left with, and keeps what they are set to. */
export function keepFields(fields) {
  const values = stored()
  for (const field of fields) {
    if (typeof values[field.id] === 'string') field.value = values[field.id]
    field.addEventListener('change', () => keepSetting(field.id, field.value))
  }
}
