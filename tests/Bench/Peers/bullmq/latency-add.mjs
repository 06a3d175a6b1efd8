// Adds jobs one by one at an even rate. Arguments: port, jobs, per second, bytes.
import { Queue } from 'bullmq';

const [port, jobs, rate, bytes] = process.argv.slice(2).map(Number);
const queue = new Queue('latency', { connection: { host: '127.0.0.1', port } });
await queue.waitUntilReady();
const body = 'x'.repeat(bytes);
const started = process.hrtime.bigint();
for (let n = 0; n < jobs; n++) {
  const wait = n * 1_000 / rate - Number(process.hrtime.bigint() - started) / 1e6;
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  await queue.add('email', { t: process.hrtime.bigint().toString(), body }, { removeOnComplete: true });
}
console.log('{}');
process.exit(0);
