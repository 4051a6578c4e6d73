// Vendors' own libraries: they sign the bodies that they are given, and judge requests that were signed by others.
// In: {now, url, sign: [{library, secret, body}], judge: [{library, secret, headers, body}]}; headers are in lower case.
// Out: {signed: [headers], judged: [whether the library takes it]}.
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";
import { verifyWebhook } from "@clerk/backend/webhooks";
import { LinearWebhookClient } from "@linear/sdk/webhooks";
import * as octokit from "@octokit/webhooks-methods";
import * as atlassian from "atlassian-jwt";
import { Resend } from "resend";
import * as standard from "standardwebhooks";
import Stripe from "stripe";
import * as svix from "svix";

const require = createRequire(import.meta.url);
const { Signature } = require("@hubspot/api-client");
const { EventWebhook } = require("@sendgrid/eventwebhook");
const { isValidSlackRequest } = require("@slack/bolt/dist/receivers/verify-request.js");

const { now, url, sign, judge } = JSON.parse(await text(process.stdin));
// The libraries look at the clock: it stands still at the time of the test.
const Clock = globalThis.Date;
globalThis.Date = class extends Clock {
  constructor(...at) {
    super(...(at.length > 0 ? at : [now * 1000]));
  }
  static now() {
    return now * 1000;
  }
};

const stripe = new Stripe("sk_test_EXAMPLE");
const resend = new Resend("re_EXAMPLE");
const ID = "msg_EXAMPLE00000000000000000001";
const message = (family, signature) => ({ [`${family}-id`]: ID, [`${family}-timestamp`]: `${now}`, [`${family}-signature`]: signature });

const signers = {
  stripe: (secret, payload) => ({ "stripe-signature": stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: now }) }),
  svix: (secret, payload) => message("svix", new svix.Webhook(secret).sign(ID, new Date(), payload)),
  standardwebhooks: (secret, payload) => message("webhook", new standard.Webhook(secret).sign(ID, new Date(), payload)),
  "@octokit/webhooks-methods": async (secret, payload) => ({ "x-hub-signature-256": await octokit.sign(secret, payload) }),
  "@hubspot/api-client": (secret, payload) => ({
    "x-hubspot-request-timestamp": `${now}000`,
    "x-hubspot-signature-v3": Signature.getSignature("POST", "v3", { clientSecret: secret, requestBody: payload, url, timestamp: now * 1000 }),
  }),
  "atlassian-jwt": (secret) => ({ authorization: `Bearer ${atlassian.encodeSymmetric({ iss: "app", iat: now, exp: now + 180 }, secret)}` }),
};

const throws = (judge) => async (...given) => judge(...given).then(() => true, () => false);
const judges = {
  stripe: throws(async (secret, headers, body) => stripe.webhooks.constructEvent(body, headers["stripe-signature"], secret)),
  svix: throws(async (secret, headers, body) => new svix.Webhook(secret).verify(body, headers)),
  "@clerk/backend": throws((secret, headers, body) => verifyWebhook(new Request(url, { method: "POST", headers, body }), { signingSecret: secret })),
  resend: throws(async (secret, headers, body) => {
    const [id, timestamp, signature] = ["id", "timestamp", "signature"].map((name) => headers[`svix-${name}`]);
    return resend.webhooks.verify({ payload: body, headers: { id, timestamp, signature }, webhookSecret: secret });
  }),
  "@octokit/webhooks-methods": (secret, headers, body) => octokit.verify(secret, body, headers["x-hub-signature-256"]),
  "@slack/bolt": (secret, headers, body) => isValidSlackRequest({ signingSecret: secret, headers, body }),
  "@linear/sdk": throws(async (secret, headers, body) => {
    const { webhookTimestamp } = JSON.parse(body);
    return new LinearWebhookClient(secret).verify(Buffer.from(body), headers["linear-signature"], webhookTimestamp) || Promise.reject(new Error("no"));
  }),
  "@sendgrid/eventwebhook": throws(async (key, headers, body) => {
    const [signature, timestamp] = ["signature", "timestamp"].map((name) => headers[`x-twilio-email-event-webhook-${name}`]);
    const webhook = new EventWebhook();
    return webhook.verifySignature(webhook.convertPublicKeyToECDSA(key), body, signature, timestamp) || Promise.reject(new Error("no"));
  }),
};

const signed = await Promise.all(sign.map(({ library, secret, body }) => signers[library](secret, body)));
const judged = await Promise.all(judge.map(({ library, secret, headers, body }) => judges[library](secret, headers, body)));
console.log(JSON.stringify({ signed, judged }));
