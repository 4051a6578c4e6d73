// Verifies a webhook. Node.js 18 or newer, nothing to install.
import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Whether a secret signed the body less than five minutes ago.
 * secret: whsec_…; several, separated by spaces, while one replaces another.
 * headers: names in lower case. body: the bytes as received, before any parsing;
 * in Express: app.post("/hooks", express.raw({ type: () => true }), …) and req.body.
 */
export function verify(secret, headers, body) {
  const id = headers["webhook-id"];
  const timestamp = headers["webhook-timestamp"];
  const signatures = headers["webhook-signature"];
  if (!id || !signatures || !/^[1-9][0-9]{0,11}$/.test(timestamp ?? "")) return false;
  if (Math.abs(Math.floor(Date.now() / 1000) - Number(timestamp)) > 300) return false;

  let valid = false;
  for (const word of secret.split(" ").filter(Boolean)) {
    const key = Buffer.from(word.replace(/^whsec_/, ""), "base64");
    if (key.length === 0) continue;
    const mac = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body);
    const expected = Buffer.from("v1," + mac.digest("base64"));
    for (const signature of signatures.split(" ")) {
      const given = Buffer.from(signature);
      if (given.length === expected.length && timingSafeEqual(given, expected)) valid = true;
    }
  }
  return valid;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { WEBHOOK_SECRET = "", WEBHOOK_ID, WEBHOOK_TIMESTAMP, WEBHOOK_SIGNATURE } = process.env;
  const headers = {
    "webhook-id": WEBHOOK_ID,
    "webhook-timestamp": WEBHOOK_TIMESTAMP,
    "webhook-signature": WEBHOOK_SIGNATURE,
  };
  process.exitCode = verify(WEBHOOK_SECRET, headers, readFileSync(0)) ? 0 : 1;
}
