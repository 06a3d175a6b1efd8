// Processes the waiting jobs with a processor that does nothing. Arguments: port, jobs, bytes, concurrency. Writes the seconds.
import { Queue, Worker } from 'bullmq';

const [port, jobs, bytes, concurrency] = process.argv.slice(2).map(Number);
const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
const warm = Math.min(5_000, jobs);

async function run(name, count) {
  const queue = new Queue(name, { connection });
  const body = 'x'.repeat(bytes);
  for (let at = 0; at < count; at += 1_000) {
    const chunk = Array.from({ length: Math.min(1_000, count - at) }, (_, i) => ({ name: 'email', data: { n: at + i, body }, opts: { removeOnComplete: true } }));
    await queue.addBulk(chunk);
  }
  const worker = new Worker(name, async () => {}, { connection, concurrency, autorun: false });
  await worker.waitUntilReady();
  let done = 0;
  const started = process.hrtime.bigint();
  const ended = new Promise((resolve) => worker.on('completed', () => { if (++done === count) resolve(process.hrtime.bigint()); }));
  worker.run();
  const seconds = Number((await ended) - started) / 1e9;
  await worker.close();
  await queue.close();
  return seconds;
}

await run('warm', warm);
console.log(JSON.stringify({ seconds: await run('bench', jobs) }));
