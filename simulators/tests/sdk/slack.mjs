// Slack's own client against the simulator: every method that the hub calls, with what the client makes of the answers.
import assert from "node:assert/strict";
import { WebClient } from "@slack/web-api";

const { SLACK_API_URL, SLACK_CLIENT_ID, SLACK_CLIENT_SECRET, SLACK_CODE, SLACK_REDIRECT_URI, SLACK_USER } = process.env;
const options = { slackApiUrl: SLACK_API_URL, retryConfig: { retries: 0 } };
const client = { client_id: SLACK_CLIENT_ID, client_secret: SLACK_CLIENT_SECRET };
const anonymous = new WebClient(undefined, options);

const first = await anonymous.oauth.v2.access({ ...client, code: SLACK_CODE, redirect_uri: SLACK_REDIRECT_URI });
const granted = await anonymous.oauth.v2.access({ ...client, grant_type: "refresh_token", refresh_token: first.refresh_token });
assert.notEqual(granted.access_token, first.access_token);
const slack = new WebClient(granted.access_token, options);
const fails = (promise, code) => assert.rejects(promise, (error) => error.data?.error === code || assert.fail(`${error}`));

const me = await slack.auth.test();
assert.equal(me.team_id, granted.team.id);

let channels = [];
for await (const page of slack.paginate("conversations.list", { limit: 7, types: "public_channel,private_channel", exclude_archived: true })) {
  channels = channels.concat(page.channels);
}
assert.equal(new Set(channels.map((channel) => channel.id)).size, channels.length);
const { id } = channels.find((channel) => channel.name === "alerts");
assert.equal((await slack.conversations.join({ channel: id })).channel.is_member, true);
assert.equal((await slack.conversations.join({ channel: id })).warning, "already_in_channel");
assert.equal((await slack.conversations.info({ channel: id, include_num_members: true })).channel.name, "alerts");
assert.ok((await slack.conversations.members({ channel: id })).members.includes(me.user_id));

const text = { type: "mrkdwn", text: "*Order* <https://hub.example/1|paid> &amp; shipped" };
const button = { type: "button", action_id: "ack", value: "1", style: "primary", text: { type: "plain_text", text: "Acknowledge" } };
const posted = await slack.chat.postMessage({
  channel: id,
  text: "Order paid",
  blocks: [{ type: "header", text: { type: "plain_text", text: "Order" } }, { type: "section", text }, { type: "actions", elements: [button] }],
  metadata: { event_type: "delivery", event_payload: { delivery_id: "dlv_1" } },
  unfurl_links: false,
});
assert.equal(posted.message.blocks.length, 3);
await slack.chat.update({ channel: id, ts: posted.ts, text: "changed & &lt;kept&gt;" }).then((updated) => {
  assert.equal(updated.text, "changed & &lt;kept&gt;");
});
await slack.chat.delete({ channel: id, ts: posted.ts });
await fails(slack.chat.delete({ channel: id, ts: posted.ts }), "message_not_found");
await slack.chat.postMessage({ channel: id, text: "again" });
await fails(slack.chat.postMessage({ channel: "C0UNKNOWN", text: "lost" }), "channel_not_found");

const person = await slack.users.info({ user: SLACK_USER });
const found = await slack.users.lookupByEmail({ email: person.user.profile.email });
assert.equal(found.user.id, SLACK_USER);
assert.equal((await slack.team.info()).team.domain, "acme");
assert.equal((await slack.auth.revoke()).revoked, true);
await fails(slack.auth.test(), "token_revoked");
console.log("all good");
