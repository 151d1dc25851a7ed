/** The paper's figures as they were measured, and what of them the tables and plots show. */
import { readFileSync } from 'node:fs'
import type { AblationRow } from '../paper/ablations.js'
import type { HardwareRow, MachineProfile } from '../paper/hardware.js'
import type { HeadlineRow } from '../paper/headline.js'
import type { RobustnessRow } from '../paper/robustness.js'
import type { ScalabilityRow } from '../paper/scalability.js'
import type { Source } from './markers.js'

export interface PaperResults {
  size: { answer: number; every: number; closely: number }
  scalability: {
    places: { temperature: number; prompts: number; places: number; closely: number }[]
    rows: ScalabilityRow[]
    ahead: ScalabilityRow[]
  }
  robustness: { shape: number[]; rows: RobustnessRow[] }
  hardware: { profiles: MachineProfile[]; rows: HardwareRow[] }
  ablations: { rows: AblationRow[] }
  headline: { rows: HeadlineRow[] }
}

export interface PaperFile extends Source {
  file: string
  pair: string
  results: PaperResults
}

/** Files of `npm run bench -- paper`, one a pair, the pair that the text is about first. */
const FILES = ['paper-smollm2.json', 'paper-micro.json']

export function paperFiles(): PaperFile[] {
  return FILES.map((file) => {
    const path = new URL(`../results/${file}`, import.meta.url)
    const { results, ...source } = JSON.parse(readFileSync(path, 'utf8')) as Source & {
      results: Record<string, PaperResults>
    }
    const [[pair, one]] = Object.entries(results)
    return { ...source, file, pair, results: one }
  })
}
