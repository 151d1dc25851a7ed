/** The least there can be of a worker: `bare-worker.ts URL` takes BullMQ's jobs and writes one word for each. */
import { Worker } from 'bullmq'
import { Redis } from 'ioredis'

const [, , url] = process.argv
const redis = new Redis(url, { maxRetriesPerRequest: null })
const jobs = new Worker('bare', async ({ data }) => void (await redis.xadd(data, '*', 'word', 'word')), {
  connection: redis,
  concurrency: 64,
})
void jobs.waitUntilReady().then(() => process.send!('ready'))
