import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "@playwright/test";
import { expect, expectAccessible, expectNoSidewaysScroll, hydrated, picture, readmePicture, test } from "../support/test.ts";
import type { Hub } from "../support/hub.ts";
import type { Receiver } from "../support/receiver.ts";
import { connectJira, jiraTest } from "../support/jira.ts";
import { addToSlack, slackTest } from "../support/slack.ts";

/** Every page of the program, by its route. */
const OPEN = ["/setup", "/sign-in", "/invitations/:token"];
const LOG = ["/deliveries", "/deliveries/:id", "/replays", "/replays/new", "/replays/:id"];
const WORK = ["/", "/endpoints", "/endpoints/new", "/endpoints/:id", "/endpoints/:id/edit", "/alerts", "/health", "/inbox", "/event-types", "/event-types/:name"];
const CONTROLS = ["/endpoints/:id/filter", "/endpoints/:id/security", "/endpoints/:id/rules", "/endpoints/:id/history"];
const CONNECTIONS = ["/integrations", "/integrations/slack", "/integrations/teams", "/connections/:id", "/connections/:id/rules/new", "/connections/:id/rules/:rule"];
const JIRA = ["/integrations/jira", "/connections/:id/issue-rules/new", "/connections/:id/issue-rules/:rule", "/connections/:id/issues", "/connections/:id/issues/:issue"];
const SOURCES = ["/sources", "/sources/:id", "/sources/:id/requests/:request", "/sources/:id/emails", "/deliveries/inbound", "/deliveries/both"];
const LINK = "/integrations/slack/link/:token";
const REST = ["/developers", "/developers/signature", "/settings", "/settings/members", "/settings/account", "/settings/audit", "/operator/orgs", "/operator/health"];

const THEMES = ["light", "dark"] as const;
const WIDTHS = [360, 1440] as const;

/** Opens a page and looks at it in both themes, as a phone and as a large window. */
async function look(page: Page, path: string, name: string): Promise<void> {
  await page.goto(path);
  await hydrated(page);
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  await expect(page.getByRole("heading", { level: 1 }), path).toHaveCount(1);
  await expect(page, "the window's title").toHaveTitle(/.+ · Patchbay$/);
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
      await test.step(`${name}, ${theme}, ${width}`, async () => {
        await expectNoSidewaysScroll(page);
        if ((theme === "light") === (width === 1440)) await expectAccessible(page);
        await picture(page, `${name}-${theme}-${width}`);
      });
    }
  }
}

/**
 * An organization in the middle of its work: arrived, failed and waiting deliveries, an own event type, an
 * invitation. `pauseMs` between the events spreads them over time.
 */
async function furnish(hub: Hub, receiver: Receiver, pauseMs = 0): Promise<{ endpoint: string; failed: string; invitation: string }> {
  const billing = await hub.addEndpoint(receiver.url, { name: "Billing", description: "Books invoices", headers: { "X-Team": "finance" } });
  await hub.addEndpoint(`${receiver.url}/crm`, { name: "CRM of a customer with a long name", event_types: ["user.*"], retry: [3600] });
  await hub.addEndpoint(`${receiver.url}/archive`, { name: "Archive", event_types: ["invoice.paid"], retry: [] });
  await hub.addEndpoint(`${receiver.url}/paused`, { name: "Warehouse", event_types: ["entity.*"], status: "paused" });
  receiver.answersAt("/hook/crm", { status: 503, body: "down for maintenance" });
  receiver.answersAt("/hook/archive", { status: 500, body: '{"error":"disk full"}' });
  await hub.api("POST", "/event-types", { name: "order.shipped", description: "An order left the house.", sample: { order_id: "o_1001" } });
  const types = ["invoice.paid", "user.joined", "subscription.created", "invoice.failed", "entity.updated", "order.shipped"];
  for (let n = 0; n < 4 * types.length; n++) {
    const type = types[n % types.length]!;
    await hub.postEvent(type, (await hub.api("GET", `/event-types/${type}`)).body.sample);
    if (pauseMs > 0) await sleep(pauseMs * ((n * 7) % 5));
  }
  await hub.api("POST", `/endpoints/${billing.id}/test`);
  const invited = await hub.api("POST", "/invitations", { email: "grace@example.com", role: "member" });
  const inbox = await hub.api("GET", "/inbox");
  await fetch(inbox.body.url, { method: "POST", body: '{"hello":"world"}', headers: { "content-type": "application/json" } });
  const ended = async () => (await hub.api("GET", "/deliveries?status=failed&limit=50")).body.data;
  await expect.poll(async () => (await ended()).length).toBe(4);
  await expect.poll(async () => (await hub.api("GET", "/deliveries?status=pending&limit=50")).body.data.length).toBe(0);
  return { endpoint: billing.id, failed: (await ended())[0].id, invitation: invited.body.url };
}

/** The id of a channel that a connection knows, once the list has been read. */
async function slackChannel(hub: Hub, connection: string): Promise<string> {
  const find = async () => (await hub.api("GET", `/connections/${connection}/channels?q=general`)).body.sections[0]?.[1][0]?.id;
  await expect.poll(find).toBeTruthy();
  return find();
}

test.describe("each page, in both themes, on a phone and in a large window, is accessible and fits", () => {
  test.setTimeout(600_000);

  test.describe(() => {
    test.use({ hubOptions: { bootstrap: false } });

    test("before anybody has an account", async ({ page }) => {
      await look(page, "/setup", "setup");
    });
  });

  test("for who is not signed in", async ({ page, hub, receiver }) => {
    const { invitation } = await furnish(hub, receiver);
    await look(page, "/sign-in", "sign-in");
    await look(page, invitation, "invitation");
  });

  test("the delivery log and its pages", async ({ signedIn: page, hub, receiver }) => {
    await look(page, "/deliveries", "deliveries-empty");
    const { failed } = await furnish(hub, receiver);
    await look(page, "/deliveries", "deliveries");
    for (const [name, query] of [["Dead letters", "status=failed"], ["Invoices of the customer with a long name that took too long", "event_type=invoice.*&duration_ms=>2s"]]) {
      expect((await hub.api("POST", "/saved-views", { name, query })).status).toBe(201);
    }
    await look(page, "/deliveries?status=failed", "deliveries-view");
    await look(page, "/deliveries?status=delivered&since=24h", "deliveries-filtered");
    for (const tab of ["request", "response", "signature", "event", "related"]) await look(page, `/deliveries/${failed}?tab=${tab}`, `delivery-${tab}`);
  });

  test("replays: none, the plan, one that runs, one that is done, and the list", async ({ signedIn: page, hub, receiver }) => {
    await look(page, "/replays", "replays-empty");
    await furnish(hub, receiver);
    await look(page, "/replays/new?status=failed&since=24h&rate=600", "replay-plan");
    await look(page, "/replays/new?status=delivered", "replay-plan-nothing");
    const slow = await hub.api("POST", "/replays", { query: { status: "failed" }, rate_per_minute: 1 });
    await look(page, `/replays/${slow.body.id}`, "replay-running");
    const done = await hub.api("POST", "/replays", { query: { status: "delivered", event_type: "invoice.*" }, skip_delivered: false });
    await expect.poll(async () => (await hub.api("GET", `/replays/${done.body.id}`)).body.state).toBe("finished");
    await look(page, `/replays/${done.body.id}`, "replay-finished");
    await hub.api("PATCH", `/replays/${slow.body.id}`, { state: "paused" });
    await look(page, `/replays/${slow.body.id}`, "replay-paused");
    await look(page, "/replays", "replays");
  });

  test("the signature debugger with a verdict", async ({ signedIn: page }) => {
    const check = async (name: string) => {
      await page.getByRole("button", { name: "Check the signature" }).click();
      for (const theme of THEMES) {
        await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
          await expectNoSidewaysScroll(page);
          if ((theme === "light") === (width === 1440)) await expectAccessible(page);
          await picture(page, `${name}-${theme}-${width}`);
        }
      }
    };
    await page.goto("/developers/signature");
    await hydrated(page);
    await page.getByRole("button", { name: "Fill in an example" }).click();
    await check("debugger-valid");
    await page.getByLabel("Body").fill(JSON.stringify(JSON.parse(await page.getByLabel("Body").inputValue()), null, 2));
    await check("debugger-invalid");
  });

  test("an alert, on its page and at home", async ({ signedIn: page, hub, receiver }) => {
    const { endpoint } = await furnish(hub, receiver);
    receiver.answers(410);
    await hub.postEvent("invoice.paid", { id: "inv_gone" });
    await expect.poll(async () => (await hub.api("GET", `/endpoints/${endpoint}`)).body.status).toBe("disabled");
    await look(page, "/alerts", "alerts-open");
    await look(page, "/", "home-alert");
    await hub.api("PATCH", `/endpoints/${endpoint}`, { status: "active" });
    await look(page, "/alerts", "alerts-over");
  });

  test("the pages of the daily work", async ({ signedIn: page, hub, receiver }) => {
    const { endpoint } = await furnish(hub, receiver);
    for (const route of WORK) await look(page, route.replace(":id", endpoint).replace(":name", "invoice.paid"), route === "/" ? "home" : route.slice(1).replace(/[/:]+/g, "-"));
  });

  test("the controls of an endpoint", async ({ signedIn: page, hub, receiver }) => {
    const { endpoint } = await furnish(hub, receiver);
    await hub.api("PATCH", `/endpoints/${endpoint}`, {
      filter: { all: [{ path: "data.amount", gt: 1000 }, { path: "data.currency", in: ["eur", "usd"] }] },
      channels: ["acme"],
      transformation: "function transform(event) {\n  return { text: `Paid: ${event.data.amount}` };\n}",
      signing_schemes: ["standard", "ed25519"],
      auth: { kind: "oauth2", token_url: `${receiver.url}/token`, client_id: "hub", client_secret: "s3cret", scope: "hooks" },
      status_rules: { "4xx": "fail", "429": "retry" },
    });
    for (const route of CONTROLS) await look(page, route.replace(":id", endpoint), route.slice(1).replace(/[/:]+/g, "-"));
  });

  slackTest("integrations, a connection and its rules", async ({ slack, signedIn: page, hub }) => {
    await look(page, "/integrations/slack", "integrations-slack-before");
    await addToSlack(page);
    const id = page.url().match(/con_\w+/)![0];
    const channel = await slackChannel(hub, id);
    const rule = await hub.api("POST", "/rules", { channel_id: channel, event_types: ["invoice.*"], batching: { mode: "daily", at: "09:00" } });
    expect(rule.status, JSON.stringify(rule.body)).toBe(201);
    for (const route of CONNECTIONS) {
      await look(page, route.replace(":id", id).replace(":rule", rule.body.id), route.slice(1).replace(/[/:]+/g, "-"));
    }
    expect((await slack.control()).length).toBeGreaterThan(0);
  });

  jiraTest("a connection to Jira, its rules and its issues", async ({ jira: _, signedIn: page, hub }) => {
    await connectJira(page, []);
    const id = page.url().match(/con_\w+/)![0];
    await look(page, "/integrations/jira", "integrations-jira");
    const projects = async () => (await hub.api("GET", `/connections/${id}/channels?q=Example`)).body.sections[0]?.[1][0]?.id;
    await expect.poll(projects).toBeTruthy();
    const project = await projects();
    const types = await hub.api("GET", `/connections/${id}/issue-types?channel_id=${project}`);
    const task = types.body.data.find((kind: { name: string }) => kind.name === "Task");
    const issue = { issue_type_id: task.id, issue_type_name: task.name, subject: "data.invoice_id" };
    const rule = await hub.api("POST", "/rules", { channel_id: project, event_types: ["invoice.*"], issue });
    expect(rule.status, JSON.stringify(rule.body)).toBe(201);
    for (let n = 0; n < 2; n++) await hub.postEvent("invoice.failed", (await hub.api("GET", "/event-types/invoice.failed")).body.sample);
    const made = async () => (await hub.api("GET", "/linked-issues")).body.data[0];
    await expect.poll(async () => (await made())?.key).toBeTruthy();
    await look(page, `/connections/${id}`, "connections-jira");
    await look(page, `/connections/${id}/issue-rules/new?project=${project}`, "connections-id-issue-types");
    await look(page, `/connections/${id}/issue-rules/new?project=${project}&type=${task.id}`, "connections-id-issue-form");
    for (const route of JIRA.slice(1)) {
      await look(page, route.replace(":id", id).replace(":rule", rule.body.id).replace(":issue", (await made()).id), route.slice(1).replace(/[/:]+/g, "-"));
    }
  });

  test("sources, one of them, and a request", async ({ signedIn: page, hub }) => {
    const source = (await hub.api("POST", "/sources", { provider: "bearer", name: "Shop" })).body;
    const headers = { "content-type": "application/json", authorization: `Bearer ${source.secret}` };
    const taken = await fetch(source.url, { method: "POST", headers, body: '{"type":"order.placed","id":7}' });
    const { id } = (await taken.json()) as { id: string };
    for (const route of SOURCES) await look(page, route.replace(":id", source.id).replace(":request", id), route.slice(1).replace(/[/:]+/g, "-"));
  });

  test("endpoints that are fetched from, and that get batches", async ({ signedIn: page, hub, receiver }) => {
    const fetched = await hub.api("POST", "/endpoints", { name: "Warehouse queue", event_types: ["*"], delivery: { form: "pull" } });
    const batch = { form: "batch", max_events: 100, max_wait_s: 5 };
    const batched = await hub.addEndpoint(receiver.url, { name: "Data lake", event_types: ["invoice.*"], delivery: batch });
    await hub.postEvent("invoice.paid", (await hub.api("GET", "/event-types/invoice.paid")).body.sample);
    await look(page, `/endpoints/${fetched.body.endpoint?.id ?? fetched.body.id}`, "endpoints-pull");
    await look(page, `/endpoints/${batched.id}`, "endpoints-batch");
    await look(page, `/endpoints/${batched.id}/edit`, "endpoints-batch-edit");
  });

  test("the pages around it", async ({ signedIn: page, hub, receiver }) => {
    await furnish(hub, receiver);
    for (const route of REST) await look(page, route, route.slice(1).replace(/[/:]+/g, "-"));
  });

  test("what is not there, and the API's reference", async ({ signedIn: page, allowConsole }) => {
    // The reference's own check of a document knows less of JSON Schema than the document uses.
    allowConsole(/status of 404|vendor\/scalar/);
    await look(page, "/no-such-page", "not-found");
    await look(page, LINK.replace(":token", "none"), "integrations-slack-link-none");
    await page.goto("/docs/api");
    await expectNoSidewaysScroll(page);
    await expect(page.getByRole("heading", { name: /Patchbay/ }).first()).toBeVisible();
  });
});

test("the walk knows every route of the program", () => {
  const routes = readFileSync(resolve(import.meta.dirname, "../../app/src/lib.rs"), "utf8").matchAll(/path!\("([^"]+)"\)/g);
  expect([...routes].map((route) => route[1]).sort()).toEqual([...OPEN, ...LOG, ...WORK, ...CONTROLS, ...CONNECTIONS, ...JIRA, ...SOURCES, LINK, ...REST].sort());
});

test("the README's picture of the delivery log", async ({ signedIn: page, hub, receiver }) => {
  await furnish(hub, receiver, process.env.PATCHBAY_SCREENSHOTS ? 250 : 0);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/deliveries");
  await hydrated(page);
  await expect(page.getByRole("switch", { name: /Live updates: Live/ })).toBeVisible();
  await expect(page.getByRole("navigation", { name: "Filters" })).toBeVisible();
  await readmePicture(page, "delivery-log");
});
