// Fetches all emails of a mailbox and drops them. Arguments: emails, passes, port, user, the file of the certificate authority or ''.
// Writes the seconds and the processor time of the last pass, from before it connects.
import { readFileSync } from 'node:fs';
import { ImapFlow } from 'imapflow';

const [emails, passes, port] = process.argv.slice(2, 5).map(Number);
const [user, authority] = process.argv.slice(5);

async function pass() {
  const started = process.hrtime.bigint();
  const before = process.cpuUsage();
  const client = new ImapFlow({
    host: '127.0.0.1', port, secure: authority !== '', doSTARTTLS: false, logger: false,
    tls: authority === '' ? {} : { ca: readFileSync(authority) },
    auth: { user, pass: 'secret', loginMethod: 'LOGIN' },
  });
  await client.connect();
  await client.mailboxOpen('INBOX', { readOnly: true });
  let fetched = 0;
  for await (const message of client.fetch('1:*', { uid: true, size: true, internalDate: true, source: true })) {
    if (message.source.length === message.size) fetched++;
  }
  await client.logout();
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const processor = process.cpuUsage(before);
  if (fetched !== emails) throw new Error(`imapflow fetched ${fetched} of ${emails} emails.`);
  return { seconds, cpuSeconds: (processor.user + processor.system) / 1e6 };
}

let result;
for (let n = 0; n < passes; n++) result = await pass();
console.log(JSON.stringify(result));
process.exit(0);
