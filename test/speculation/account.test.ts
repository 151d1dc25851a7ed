import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Account } from '../../src/speculation/account.js'

import { ACCOUNTS, EVIDENCE } from '../../src/strategies/policy.js'

const LIMIT = 1.5

/**
 * Runs `steps` steps in which a tree gives `tokens` tokens in the time of `made`; returns how many were trees, and the
 * tokens lost against plain decoding.
 */
function run(
  account: Account,
  steps: number,
  made: number,
  tokens: number,
): { trees: number; lost: number; time: number } {
  const seen = { trees: 0, lost: 0, time: 0 }
  for (let i = 0; i < steps; i++) {
    if (account.isOpen) {
      account.tried(made, tokens)
      seen.trees += 1
      seen.lost += made - tokens
      seen.time += made
    } else {
      account.rested(1)
      seen.time += 1
    }
  }
  return seen
}

test('trees that win go on without a rest', () => {
  assert.is(run(new Account(LIMIT), 500, 1.5, 2).trees, 500)
})

test('trees that lose cost a hundredth of the time beside the limit, and are still tried', () => {
  const account = new Account(LIMIT)
  const { lost, time } = run(account, 150, 1.4, 1)
  assert.ok(lost <= LIMIT + 0.4 + EVIDENCE.idle * time, `${lost} tokens lost in the time of ${time}`)
  const later = run(account, 5000, 1.4, 1)
  assert.ok(
    later.lost <= LIMIT + 0.4 + EVIDENCE.idle * later.time,
    `${later.lost} tokens lost in the time of ${later.time}`,
  )
  assert.ok(later.trees > 50, `${later.trees} trees of 5000 steps`)
})

test('a rest ends once what was lost beyond the limit is paid off', () => {
  const account = new Account(LIMIT)
  account.tried(1 + LIMIT + 0.095, 1)
  let steps = 0
  for (; !account.isOpen; steps++) account.rested(1)
  assert.is(steps, Math.ceil(0.095 / EVIDENCE.idle))
})

test('when trees begin to win they are taken up again', () => {
  const account = new Account(LIMIT)
  run(account, 300, 2, 1.5)
  assert.ok(run(account, 2000, 1, 2).trees > 1800)
})

test('past gains are lost again only up to the credit', () => {
  const account = new Account(LIMIT)
  run(account, 1000, 1, 2)
  assert.ok(account.isWinning)
  const { lost } = run(account, 100, 1.5, 1)
  assert.ok(lost <= ACCOUNTS.many * LIMIT + LIMIT + 0.5 + EVIDENCE.idle * 100, `${lost} tokens lost`)
})

test('an account goes on from its balance', () => {
  const account = new Account(LIMIT)
  account.tried(9, 1)
  assert.equal(account.balance, { loss: 8, rests: true })
  const next = new Account(LIMIT, account.balance)
  assert.not(next.isOpen)
  assert.is(next.balance.loss, 8)
})

test.run()
