// Waits in IDLE, and notes when each email is announced. Argument: port.
// Writes "ready", and the times on the machine's monotonic clock, in milliseconds, when its input ends.
import { ImapFlow } from 'imapflow';

const port = Number(process.argv[2]);
const client = new ImapFlow({
  host: '127.0.0.1', port, secure: false, doSTARTTLS: false, logger: false,
  auth: { user: 'load@example.test', pass: 'secret', loginMethod: 'LOGIN' },
});
const milliseconds = [];
client.on('exists', () => milliseconds.push(Number(process.hrtime.bigint()) / 1e6));
await client.connect();
await client.mailboxOpen('INBOX');
client.idle();
await new Promise((resolve) => setTimeout(resolve, 1_000));
console.log('ready');
for await (const _ of process.stdin) { /* until it ends */ }
console.log(JSON.stringify({ milliseconds }));
process.exit(0);
