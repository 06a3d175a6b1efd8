// Takes jobs as they come and measures the time from their creation to the start of processing.
// Arguments: port, jobs to leave out at the start.
// Writes "ready", and the milliseconds when its input ends.
import { Queue, Worker } from 'bullmq';

const [port, skip] = process.argv.slice(2).map(Number);
const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
await new Queue('latency', { connection }).waitUntilReady();
const milliseconds = [];
const worker = new Worker('latency', async (job) => { milliseconds.push(Number(process.hrtime.bigint() - BigInt(job.data.t)) / 1e6); }, { connection, concurrency: 50 });
await worker.waitUntilReady();
console.log('ready');
for await (const _ of process.stdin) { /* until it ends */ }
console.log(JSON.stringify({ milliseconds: milliseconds.slice(skip) }));
process.exit(0);
