import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { expect, expectAccessible, expectNoSidewaysScroll, hydrated, picture, test } from "../support/test.ts";

const SECRET = "whsec_EXAMPLEnotARealSecret0000";

/** Posts an event as Stripe does. */
async function asStripe(url: string, id: string, secret = SECRET): Promise<number> {
  const invoice = { id: "in_1", object: "invoice", number: "F-2026-1", customer: "cus_1", currency: "eur", amount_due: 6550, amount_paid: 6550, status: "paid" };
  const now = Math.floor(Date.now() / 1000);
  const body = JSON.stringify({ id, object: "event", type: "invoice.paid", created: now, livemode: false, data: { object: invoice } });
  const signature = createHmac("sha256", secret).update(`${now}.${body}`).digest("hex");
  const headers = { "content-type": "application/json", "stripe-signature": `t=${now},v1=${signature}` };
  return (await fetch(url, { method: "POST", headers, body })).status;
}

test("a source is made, waits, and shows the first event as it arrives", async ({ signedIn: page, hub, receiver }) => {
  test.setTimeout(180_000);
  await hub.addEndpoint(receiver.url, { name: "Billing", event_types: ["invoice.*"] });
  await page.goto("/sources");
  await hydrated(page);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Add a source for Stripe" }).click();
  await expect(page.getByText("The source is there.")).toBeVisible();
  await expect(page.getByText("Waiting for the first event.")).toBeVisible();
  await hydrated(page);
  await page.locator("#source-secret-field").fill(SECRET);
  await page.getByRole("button", { name: "Save secret" }).click();
  await expect(page.getByText(/^••••/)).toBeVisible();
  expect(await page.content()).not.toContain(SECRET);
  const url = await page.getByLabel("Address for the provider").inputValue();
  expect(await asStripe(url, "evt_1")).toBe(200);
  const requests = page.getByRole("group", { name: "Requests, as a table" });
  await expect(requests.getByRole("link", { name: "invoice.paid" })).toBeVisible({ timeout: 15_000 });
  await expect(page.getByText("Waiting for the first event")).toHaveCount(0);
  await expect.poll(() => receiver.requests.length).toBe(1);
  expect(await asStripe(url, "evt_1")).toBe(200);
  expect(await asStripe(url, "evt_2", "whsec_another")).toBe(401);
  await expect(page.getByRole("link", { name: "bad signature: 1" })).toBeVisible({ timeout: 15_000 });
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    for (const width of [360, 1440]) {
      await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
      await picture(page, `source-${theme}-${width}`);
    }
  }
  await page.getByRole("link", { name: "Verified", exact: true }).click();
  await requests.getByRole("link", { name: "invoice.paid" }).last().click();
  await expect(page.getByText("The signature or credentials hold.")).toBeVisible();
  await expectAccessible(page);
  await picture(page, "source-request-dark-1440");
  await page.getByRole("button", { name: "Replay" }).click();
  await expect.poll(() => receiver.requests.length).toBe(2);
  await expect(page.getByRole("group", { name: "Deliveries, as a table" }).getByRole("link", { name: "Billing" })).toHaveCount(2);
});

test("what comes in stands in the log, and leads to where it went and back", async ({ signedIn: page, hub, receiver }) => {
  await hub.addEndpoint(receiver.url, { name: "Billing", event_types: ["invoice.*"] });
  const source = (await hub.api("POST", "/sources", { provider: "stripe", name: "Payments", secret: SECRET })).body;
  await page.goto("/deliveries");
  await expect(page.getByRole("navigation", { name: "Direction" })).toHaveCount(0);
  expect(await asStripe(source.url, "evt_1")).toBe(200);
  expect(await asStripe(source.url, "evt_2", "whsec_another")).toBe(401);
  await expect.poll(() => receiver.requests.length).toBe(1);
  await page.goto("/deliveries");
  await hydrated(page);
  const directions = page.getByRole("navigation", { name: "Direction" });
  await directions.getByRole("link", { name: "Inbound" }).click();
  await expect(page).toHaveURL(/\/deliveries\/inbound$/);
  const rows = page.getByRole("table");
  await expect(rows.getByRole("link", { name: /from Payments/ })).toHaveCount(2);
  await hydrated(page);
  await page.getByRole("navigation", { name: "Filters" }).getByRole("link", { name: "Bad signature" }).click();
  await expect(rows.getByRole("link", { name: /from Payments/ })).toHaveCount(1);
  await directions.getByRole("link", { name: "Both" }).click();
  await expect(rows.getByRole("link", { name: "invoice.paid to Billing" })).toBeVisible();
  // It is kept fresh.
  await hydrated(page);
  expect(await asStripe(source.url, "evt_3")).toBe(200);
  await expect(rows.getByRole("link", { name: "invoice.paid to Billing" })).toHaveCount(2, { timeout: 15_000 });
  await rows.getByRole("link", { name: "invoice.paid from Payments" }).last().click();
  await page.getByRole("group", { name: "Deliveries, as a table" }).getByRole("link", { name: "Billing" }).click();
  await expect(page).toHaveURL(/\/deliveries\/dlv_/);
  await page.getByRole("link", { name: "A request to a source" }).click();
  await expect(page.getByText("The signature or credentials hold.")).toBeVisible();
});

test("both directions are searched, counted and filtered together, and fields are told", async ({ signedIn: page, hub, receiver }) => {
  await hub.addEndpoint(receiver.url, { name: "Billing", event_types: ["invoice.*"] });
  const source = (await hub.api("POST", "/sources", { provider: "stripe", name: "Payments", secret: SECRET })).body;
  expect(await asStripe(source.url, "evt_1")).toBe(200);
  expect(await asStripe(source.url, "evt_2", "whsec_another")).toBe(401);
  await expect.poll(() => receiver.requests.length).toBe(1);
  await expect.poll(async () => (await hub.api("GET", "/log-entries?q=cus_1")).body.data.length, { timeout: 15_000 }).toBe(3);
  await page.goto("/deliveries/both");
  await hydrated(page);
  const rows = page.getByRole("table");
  const filters = page.getByRole("navigation", { name: "Filters" });
  await expect(rows.getByRole("link", { name: / (from Payments|to Billing)$/ })).toHaveCount(3);
  await filters.getByRole("link", { name: /^Refused/ }).click();
  await expect(page).toHaveURL(/status=refused/);
  await expect(rows.getByRole("link", { name: /from Payments$/ })).toHaveCount(1);
  await page.getByRole("link", { name: "Remove the filter status: refused" }).click();
  await filters.getByRole("link", { name: /→ Billing/ }).click();
  await expect(rows.getByRole("link", { name: /to Billing$/ })).toHaveCount(1);
  const search = page.getByRole("searchbox", { name: "Search the log" });
  await search.fill("status:delivered cus_1");
  await search.press("Enter");
  await expect(page).toHaveURL(/q=/);
  await hydrated(page);
  await expect(search).toHaveValue("cus_1");
  await expect(page.getByRole("link", { name: "Remove the filter status: delivered" })).toBeVisible();
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    for (const width of [360, 1440]) {
      await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
      await picture(page, `log-both-${theme}-${width}`);
    }
  }
  // What the words mean, they mean in the other lists too.
  await page.getByRole("navigation", { name: "Direction" }).getByRole("link", { name: "Inbound" }).click();
  await expect(page).toHaveURL(/\/deliveries\/inbound\?q=cus_1/);
  await expect(rows.getByRole("link", { name: /from Payments$/ })).toHaveCount(2);
  await page.goto(`/sources/${source.id}`);
  await hydrated(page);
  await page.getByRole("link", { name: "Fields of invoice.paid, which came 1 times" }).click();
  const fields = page.getByRole("group", { name: "Fields, as a table" });
  await expect(fields.getByRole("row").filter({ hasText: "/data/object/customer" }).first()).toContainText("1 of 1");
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
});

test("both directions are seen over time, narrowed to a range, and given as a file", async ({ signedIn: page, hub, receiver }) => {
  test.setTimeout(120_000);
  await hub.addEndpoint(receiver.url, { name: "Billing", event_types: ["invoice.*"] });
  const source = (await hub.api("POST", "/sources", { provider: "stripe", name: "Payments", secret: SECRET })).body;
  expect(await asStripe(source.url, "evt_1")).toBe(200);
  expect(await asStripe(source.url, "evt_2", "whsec_another")).toBe(401);
  await expect.poll(async () => (await hub.api("GET", "/log-entries/stats")).body.by_status.map((one: { value: string }) => one.value).sort())
    .toEqual(["delivered", "processed", "refused"]);
  await page.goto("/deliveries/both");
  await hydrated(page);
  const over = page.getByRole("region", { name: "Requests and deliveries over time", exact: true });
  await expect(over).toContainText("3 in all");
  await over.getByText("Show as a table").click();
  await expect(over.getByRole("columnheader", { name: "Failed" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Export" }).click();
  const kinds = page.getByRole("dialog", { name: "Export the log" });
  await expectAccessible(page);
  await picture(page, "log-export-light-1280");
  const [file] = await Promise.all([page.waitForEvent("download"), kinds.getByRole("link", { name: /^CSV/ }).click()]);
  expect(file.suggestedFilename()).toMatch(/^patchbay-log-org_\w+\.csv$/);
  expect((await readFile(await file.path(), "utf8")).trimEnd().split("\r\n")).toHaveLength(4);
  await kinds.getByRole("button", { name: "Close" }).click();
  // The last failed, and is what "failed" leads to; its column leads to its second.
  await over.getByRole("link", { name: "1 failed", exact: true }).click();
  await expect(page).toHaveURL(/status=failed%2Crefused|status=failed,refused/);
  await expect(over).toContainText("1 in all");
  const columns = over.getByRole("group", { name: /^Columns of time/ }).getByRole("link");
  await columns.last().focus();
  await page.keyboard.press("Shift+ArrowLeft");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/&since=.*&until=/);
  await expect(page.getByRole("link", { name: "Remove the filter status: failed,refused" })).toBeVisible();
  await page.goto("/deliveries/inbound?verdict=rejected");
  await expect(page.getByRole("region", { name: "Requests over time", exact: true })).toContainText("1 refused or failed");
});

test("an open log shows at once what comes, and counts it every few seconds", async ({ signedIn: page, hub }) => {
  const source = (await hub.api("POST", "/sources", { provider: "stripe", name: "Payments", secret: SECRET })).body;
  await page.goto("/deliveries/inbound");
  await hydrated(page);
  let counted = 0;
  page.on("request", (request) => {
    if (/list_inbound_log/.test(request.url()) && /rows=false/.test(request.postData() ?? "")) counted += 1;
  });
  const rows = page.getByRole("table").getByRole("link", { name: /from Payments$/ });
  const from = Date.now();
  for (const number of [1, 2, 3, 4]) {
    expect(await asStripe(source.url, `evt_${number}`)).toBe(200);
    await expect(rows).toHaveCount(number);
  }
  const facet = page.getByRole("navigation", { name: "Filters" }).getByRole("link", { name: /^Payments/ });
  await expect(facet).toContainText("4", { timeout: 20_000 });
  expect(counted).toBeGreaterThan(0);
  expect(counted, "once in ten seconds").toBeLessThanOrEqual(1 + Math.ceil((Date.now() - from) / 10_000));
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the log of both directions is searched", async ({ signedIn: page, hub, allowConsole }) => {
    allowConsole(/was preloaded using link preload but not used/);
    const source = (await hub.api("POST", "/sources", { provider: "stripe", name: "Payments", secret: SECRET })).body;
    expect(await asStripe(source.url, "evt_1")).toBe(200);
    await expect.poll(async () => (await hub.api("GET", "/log-entries?q=cus_1")).body.data.length, { timeout: 15_000 }).toBe(1);
    await page.goto("/deliveries/both?since=1h");
    await page.getByRole("searchbox", { name: "Search the log" }).fill("zebra");
    await page.getByRole("searchbox", { name: "Search the log" }).press("Enter");
    await expect(page).toHaveURL(/since=1h/);
    await expect(page.getByText("Nothing matches")).toBeVisible();
    await page.getByRole("searchbox", { name: "Search the log" }).fill("cus_1");
    await page.getByRole("searchbox", { name: "Search the log" }).press("Enter");
    await expect(page.getByRole("table").getByRole("link", { name: /from Payments$/ })).toHaveCount(1);
  });

  test("a source is made, given its secret, and shows what came", async ({ signedIn: page, allowConsole }) => {
    allowConsole(/was preloaded using link preload but not used/);
    await page.goto("/sources");
    await page.getByRole("button", { name: "Add a source for Stripe" }).click();
    await page.locator("#source-secret-field").fill(SECRET);
    await page.getByRole("button", { name: "Save secret" }).click();
    const url = await page.getByLabel("Address for the provider").inputValue();
    expect(await asStripe(url, "evt_1")).toBe(200);
    await expect
      .poll(async () => {
        await page.reload();
        return page.getByRole("group", { name: "Requests, as a table" }).getByRole("link", { name: "invoice.paid" }).count();
      })
      .toBe(1);
  });
});

test("a sender that signs in a form of its own is told to the page", async ({ signedIn: page, hub, allowConsole }) => {
  allowConsole(/status of 422/);
  const source = (await hub.api("POST", "/sources", { provider: "hmac", name: "Shop" })).body;
  await page.goto(`/sources/${source.id}`);
  await hydrated(page);
  const panel = page.getByRole("region", { name: "How requests are verified" });
  await panel.getByLabel("Header with the signature").fill("X-Shop-Signature");
  await panel.getByLabel("What stands before the signature").fill("");
  await panel.getByLabel("Signature written in").selectOption("Base64");
  await panel.getByLabel("Signed text").fill("{timestamp}");
  await panel.getByRole("button", { name: "Save" }).click();
  await expect(panel.getByText("the signed text has to hold {body}")).toBeVisible();
  // What was typed and chosen stays where it is.
  await expect(panel.getByLabel("Signature written in")).toHaveValue("base64");
  await expect(panel.getByLabel("Header with the signature")).toHaveValue("X-Shop-Signature");
  await panel.getByLabel("Signed text").fill("{body}");
  await panel.getByLabel("Time of the request").selectOption("None: no time is signed");
  await panel.getByRole("button", { name: "Save" }).click();
  await expect.poll(async () => (await hub.api("GET", `/sources/${source.id}`)).body.scheme.encoding).toBe("base64");
  await expectAccessible(page);
  const body = '{"type":"order.placed"}';
  const signature = createHmac("sha256", source.secret).update(body).digest("base64");
  const headers = { "content-type": "application/json", "x-shop-signature": signature };
  expect((await fetch(source.url, { method: "POST", headers, body })).status).toBe(200);
  expect((await fetch(source.url, { method: "POST", headers, body: `${body} ` })).status).toBe(401);
});

test("what became of an e-mail is looked up by message and by address", async ({ signedIn: page, hub }) => {
  const key = Buffer.from("EXAMPLE-signing-key-not-real-000");
  const secret = `whsec_${key.toString("base64")}`;
  const source = (await hub.api("POST", "/sources", { provider: "resend", name: "Mail", secret })).body;
  const tell = async (id: string, type: string): Promise<void> => {
    const now = `${Math.floor(Date.now() / 1000)}`;
    const data = { email_id: "em_1", to: ["ada@example.com"], from: "hub@example.com", subject: "Hello", created_at: "2026-11-22T10:00:00Z" };
    const body = JSON.stringify({ type, created_at: "2026-11-22T10:00:00Z", data });
    const signature = `v1,${createHmac("sha256", key).update(`${id}.${now}.${body}`).digest("base64")}`;
    const headers = { "content-type": "application/json", "svix-id": id, "svix-timestamp": now, "svix-signature": signature };
    expect((await fetch(source.url, { method: "POST", headers, body })).status).toBe(200);
  };
  await tell("msg_1", "email.sent");
  await tell("msg_2", "email.delivered");
  await expect.poll(async () => (await hub.api("GET", `/sources/${source.id}/email-history?message_id=em_1`)).body.data.length).toBe(2);
  await page.goto(`/sources/${source.id}`);
  await page.getByLabel("Id of a message, or an address").fill("Ada@example.com");
  await page.getByRole("button", { name: "Look" }).click();
  const rows = page.getByRole("group", { name: "History, as a table" });
  await expect(rows.getByRole("link", { name: "delivered" })).toBeVisible();
  await hydrated(page);
  await expectAccessible(page);
  await rows.getByRole("link", { name: "em_1" }).first().click();
  await expect(rows.getByRole("row")).toHaveCount(3);
  await rows.getByRole("link", { name: "sent" }).click();
  await expect(page.getByRole("link", { name: "History of the e-mail" })).toBeVisible();
});

test("a source that is held to one workspace refuses others", async ({ signedIn: page, hub }) => {
  const source = (await hub.api("POST", "/sources", { provider: "github", name: "Code" })).body;
  await page.goto(`/sources/${source.id}`);
  await hydrated(page);
  const panel = page.getByRole("region", { name: "Owner of the repositories" });
  await panel.getByRole("textbox").fill("octo-org");
  await panel.getByRole("button", { name: "Save" }).click();
  await expect.poll(async () => (await hub.api("GET", `/sources/${source.id}`)).body.account).toBe("octo-org");
  const post = async (owner: string): Promise<number> => {
    const body = JSON.stringify({ action: "opened", repository: { owner: { login: owner } } });
    const signature = `sha256=${createHmac("sha256", source.secret).update(body).digest("hex")}`;
    const headers = { "content-type": "application/json", "x-github-event": "issues", "x-github-delivery": owner, "x-hub-signature-256": signature };
    return (await fetch(source.url, { method: "POST", headers, body })).status;
  };
  expect(await post("octo-org")).toBe(200);
  expect(await post("mallory")).toBe(403);
  await expect(page.getByRole("link", { name: "unknown account: 1" })).toBeVisible({ timeout: 15_000 });
});
