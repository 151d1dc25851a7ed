/** `strftime_now(format)`: the date and time here, in English, as Python's `strftime` writes it. */
import { TemplateError } from './values.js'

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/** Throws `TemplateError` for a directive that is not known here. */
export function strftime(now: Date, format: string): string {
  return format.replace(/%([-_]?)([a-zA-Z%])/g, (whole, flag: string, directive: string) => {
    const written = field(now, directive)
    if (written === undefined) throw new TemplateError(`strftime_now: the directive ${whole} is not known here`)
    if (flag === '') return written
    const bare = written.replace(/^0+(?=\d)/, '')
    return flag === '-' ? bare : bare.padStart(written.length)
  })
}

function field(now: Date, directive: string): string | undefined {
  const two = (value: number): string => String(value).padStart(2, '0')
  const [day, month, hour] = [now.getDay(), now.getMonth(), now.getHours()]
  const compose = (format: string): string => strftime(now, format)
  switch (directive) {
    case 'Y':
      return String(now.getFullYear())
    case 'y':
      return two(now.getFullYear() % 100)
    case 'm':
      return two(month + 1)
    case 'B':
      return MONTHS[month]
    case 'b':
    case 'h':
      return MONTHS[month].slice(0, 3)
    case 'd':
      return two(now.getDate())
    case 'e':
      return String(now.getDate()).padStart(2)
    case 'j':
      return String(dayOfYear(now)).padStart(3, '0')
    case 'A':
      return DAYS[day]
    case 'a':
      return DAYS[day].slice(0, 3)
    case 'w':
      return String(day)
    case 'u':
      return String(day || 7)
    case 'H':
      return two(hour)
    case 'I':
      return two(hour % 12 || 12)
    case 'p':
      return hour < 12 ? 'AM' : 'PM'
    case 'M':
      return two(now.getMinutes())
    case 'S':
      return two(now.getSeconds())
    case 'f':
      return String(now.getMilliseconds() * 1000).padStart(6, '0')
    case 'Z':
    case 'z':
      return ''
    case 'F':
      return compose('%Y-%m-%d')
    case 'T':
    case 'X':
      return compose('%H:%M:%S')
    case 'R':
      return compose('%H:%M')
    case 'D':
    case 'x':
      return compose('%m/%d/%y')
    case 'c':
      return compose('%a %b %e %H:%M:%S %Y')
    case '%':
      return '%'
  }
  return undefined
}

function dayOfYear(now: Date): number {
  const midnight = (month: number, day: number): number => Date.UTC(now.getFullYear(), month, day)
  return (midnight(now.getMonth(), now.getDate()) - midnight(0, 0)) / 86_400_000
}
