// Verifies requests as a receiver does, with the library of Standard Webhooks. Reads one request as JSON from the standard input: the
// headers, the body in base64, and the secret. Writes "verified" and the email's id, or the library's error.
import { gunzipSync } from "node:zlib";
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";

const { headers, body, secret } = JSON.parse(readFileSync(0, "utf8"));
const received = Buffer.from(body, "base64");
// What frameworks do before the application sees the body.
const payload = headers["content-encoding"] === "gzip" ? gunzipSync(received) : received;
try {
  const webhook = secret.startsWith("whsec_") ? new Webhook(secret) : new Webhook(secret, { format: "raw" });
  console.log("verified", webhook.verify(payload, headers).id);
} catch (error) {
  console.log(error.name, error.message);
}
