import type { Page } from "@playwright/test";
import { expect, expectAccessible, hydrated, test } from "../support/test.ts";

const SCRIPT = "function transform(event) {\n  console.log('paid', event.data.amount);\n  return { text: `Paid ${event.data.amount}` };\n}";

/** The rows of the filter's builder. */
const condition = (page: Page, number: number) => page.getByRole("group", { name: `Condition ${number}`, exact: true });

async function fillCondition(page: Page, number: number, path: string, operator: string, value: string): Promise<void> {
  await condition(page, number).getByLabel("Path").fill(path);
  await condition(page, number).getByLabel("Operator").selectOption({ label: operator });
  await condition(page, number).getByLabel("Value").fill(value);
}

test("a filter is built, tried on what happened and saved; then only what matches arrives", async ({ signedIn: page, hub, receiver, allowConsole }) => {
  allowConsole(/status of 422/);
  const endpoint = await hub.addEndpoint(receiver.url, { name: "Billing" });
  await hub.postEvent("invoice.paid", { amount: 12 });
  await hub.postEvent("invoice.paid", { amount: 5000, currency: "eur" });
  await receiver.waitFor(2);

  await page.goto(`/endpoints/${endpoint.id}`);
  await page.getByRole("navigation", { name: "Endpoint" }).getByRole("link", { name: "Filter and transformation" }).click();
  await expect(page.getByRole("heading", { name: "Filter and transformation", level: 1 })).toBeVisible();
  await hydrated(page);

  await test.step("a row is added and removed, and a wrong one is named", async () => {
    await fillCondition(page, 1, "data.amount", "greater than", "");
    await page.getByRole("button", { name: "Add condition" }).click();
    await expect(condition(page, 2).getByLabel("Path")).toBeFocused();
    await fillCondition(page, 2, "nowhere", "is", "x");
    await page.getByRole("button", { name: "Try", exact: true }).click();
    await expect(condition(page, 1).locator("..").getByText(/^The value needs a value/)).toBeVisible();
    await expect(condition(page, 2).locator("..").getByText(/^The path/)).toBeVisible();
    await condition(page, 2).getByRole("button", { name: "Remove condition 2" }).click();
    await expect(condition(page, 2)).toHaveCount(0);
  });

  await test.step("trying says what matches, why the rest does not, and keeps what was typed", async () => {
    await condition(page, 1).getByLabel("Value").fill("1000");
    await page.getByRole("button", { name: "Try", exact: true }).click();
    await expect(page.getByRole("status").filter({ hasText: "1 of 2 matches" })).toBeVisible();
    await expect(page.getByText("data.amount is 12, not greater than 1000")).toBeVisible();
    await expect(condition(page, 1).getByLabel("Value")).toHaveValue("1000");
    await expectAccessible(page);
  });

  await test.step("it is the same filter as JSON and back", async () => {
    await page.getByRole("button", { name: "Edit as JSON" }).click();
    await expect(page.getByLabel("Filter as JSON")).toHaveValue(/"gt": 1000/);
    await page.getByRole("button", { name: "Edit as rows" }).click();
    await expect(condition(page, 1).getByLabel("Value")).toHaveValue("1000");
  });

  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("status").filter({ hasText: "Saved" })).toBeVisible();
  await hub.postEvent("invoice.paid", { amount: 7 });
  const wanted = await hub.postEvent("invoice.paid", { amount: 7000 });
  await expect.poll(async () => (await hub.api("GET", "/deliveries?status=delivered")).body.data.length).toBe(3);
  expect(receiver.requests.map((request) => JSON.parse(request.body).data.amount).sort()).toEqual([12, 5000, 7000]);
  expect(receiver.requests.at(-1)!.headers["webhook-id"]).toBe(wanted);

  await page.getByRole("navigation", { name: "Endpoint" }).getByRole("link", { name: "History" }).click();
  await expect(page.getByRole("row").filter({ hasText: "Filter" })).toContainText("2");
});

test("a transformation is tried, saved, and changes the body that arrives", async ({ signedIn: page, hub, receiver, allowConsole }) => {
  allowConsole(/status of 422/);
  const endpoint = await hub.addEndpoint(receiver.url, { name: "Chat" });
  await hub.postEvent("invoice.paid", { amount: 12 });
  await receiver.waitFor(1);
  await page.goto(`/endpoints/${endpoint.id}/filter`);
  await hydrated(page);
  const field = page.getByLabel("Transformation");

  await test.step("Tab indents, Escape and Tab leave", async () => {
    await field.focus();
    await page.keyboard.press("Tab");
    await expect(field).toHaveValue("  ");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    await expect(field).not.toBeFocused();
  });

  await test.step("a script that is none is refused beside its field", async () => {
    await field.fill("function transform(");
    await page.getByRole("button", { name: "Try", exact: true }).click();
    await expect(page.locator("#transformation-error")).toBeVisible();
    await expect(field).toHaveValue("function transform(");
  });

  await test.step("the preview shows what would change, the log, and what it cost", async () => {
    await field.fill(SCRIPT);
    await page.getByRole("button", { name: "Try", exact: true }).click();
    const changes = page.getByRole("region", { name: "Changes" });
    await expect(changes).toContainText('+   "text": "Paid 12"');
    await expect(changes).toContainText('-   "event_type": "invoice.paid"');
    await expect(page.getByRole("region", { name: "Logged lines" })).toHaveText("paid 12");
    await expect(page.getByText(/ ms · \d+ KiB/)).toBeVisible();
  });

  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("status").filter({ hasText: "Saved" })).toBeVisible();
  await hub.postEvent("invoice.paid", { amount: 99 });
  await receiver.waitFor(2);
  expect(JSON.parse(receiver.requests[1]!.body)).toEqual({ text: "Paid 99" });

  const { body } = await hub.api("GET", "/deliveries?limit=1");
  await expect.poll(async () => (await hub.api("GET", `/deliveries/${body.data[0].id}`)).body.status).toBe("delivered");
  await page.goto(`/deliveries/${body.data[0].id}`);
  await expect(page.getByRole("heading", { name: "What the transformation changed" })).toBeVisible();
  await page.getByRole("link", { name: "2", exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`/endpoints/${endpoint.id}/history#v2$`));
});

test("a secret is rotated with an overlap: requests carry two signatures, and the new secret is shown once", async ({ signedIn: page, hub, receiver }) => {
  const endpoint = await hub.addEndpoint(receiver.url, { name: "Billing" });
  await page.goto(`/endpoints/${endpoint.id}/security`);
  await hydrated(page);
  await page.getByLabel("Older ones keep signing").selectOption({ label: "3 days" });
  await page.getByText("Rotate…", { exact: true }).click();
  await page.getByRole("button", { name: "Rotate", exact: true }).click();
  await expect(page.getByRole("textbox", { name: "Signing secret" })).toHaveValue(/^whsec_/);
  await expect(page.getByText(/signs too, ends in/)).toBeVisible();
  await hub.postEvent("invoice.paid", { amount: 1 });
  const [request] = await receiver.waitFor(1);
  expect(String(request!.headers["webhook-signature"]).split(" ").filter((part) => part.startsWith("v1,"))).toHaveLength(2);
  await page.reload();
  await expect(page.getByRole("heading", { name: "Signing secrets" })).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Signing secret" })).toHaveCount(0);

  await test.step("a scheme is added and credentials are sent, but never shown", async () => {
    await page.getByRole("checkbox", { name: /^Ed25519/ }).check();
    await page.getByLabel("Kind").selectOption("bearer");
    await page.getByLabel("Token", { exact: true }).fill("tok_secret");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.getByRole("status").filter({ hasText: "Saved" })).toBeVisible();
    await page.reload();
    await expect(page.getByRole("textbox", { name: "Ed25519 public key" })).toHaveValue(/^whpk_/);
    expect(await page.content()).not.toContain("tok_secret");
    await hub.postEvent("invoice.paid", { amount: 2 });
    const requests = await receiver.waitFor(2);
    expect(requests[1]!.headers.authorization).toBe("Bearer tok_secret");
    expect(String(requests[1]!.headers["webhook-signature"])).toContain("v1a,");
  });
});

test("an endpoint that says it is gone shows why it is disabled, and one button sends what was kept", async ({ signedIn: page, hub, receiver }) => {
  const endpoint = await hub.addEndpoint(receiver.url, { name: "Billing" });
  await page.goto(`/endpoints/${endpoint.id}/rules`);
  await hydrated(page);
  await page.getByLabel("Answer", { exact: true }).fill("404");
  await page.getByLabel("Means", { exact: true }).selectOption("disable");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("status").filter({ hasText: "Saved" })).toBeVisible();
  receiver.answers(404, 200);
  await hub.postEvent("invoice.paid", { amount: 1 });
  await receiver.waitFor(1);
  await page.goto(`/endpoints/${endpoint.id}`);
  await expect(page.getByText("Disabled.", { exact: true })).toBeVisible();
  await hub.postEvent("invoice.paid", { amount: 2 });
  await page.reload();
  await expect(page.getByText(/1 delivery waits until it is enabled/)).toBeVisible();
  await page.getByRole("button", { name: "Enable and send what was kept" }).click();
  await receiver.waitFor(2);
  await expect(page.getByText("Disabled.", { exact: true })).toHaveCount(0);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the pages keep what was typed, add and remove rows, try and save", async ({ signedIn: page, hub, receiver, allowConsole }) => {
    allowConsole(/was preloaded using link preload but not used|status of 4/);
    const endpoint = await hub.addEndpoint(receiver.url, { name: "Billing" });
    await hub.postEvent("invoice.paid", { amount: 12 });
    await receiver.waitFor(1);
    await page.goto(`/endpoints/${endpoint.id}/filter`);
    await fillCondition(page, 1, "data.amount", "greater than", "1000");
    await page.getByRole("button", { name: "Add condition" }).click();
    await fillCondition(page, 2, "data.currency", "is one of", "eur, usd");
    await page.getByLabel("Transformation").fill(SCRIPT);
    await page.getByRole("button", { name: "Try", exact: true }).click();
    await expect(page.getByText("0 of 1 match")).toBeVisible();
    await expect(page.getByText("data.amount is 12, not greater than 1000")).toBeVisible();
    await expect(page.getByLabel("Transformation")).toHaveValue(SCRIPT);
    await page.getByRole("button", { name: "Remove condition 2" }).click();
    await expect(condition(page, 2)).toHaveCount(0);
    await condition(page, 1).getByLabel("Path").fill("nowhere");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.getByText(/^The path/)).toBeVisible();
    await condition(page, 1).getByLabel("Path").fill("data.amount");
    await condition(page, 1).getByLabel("Value").fill("10");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.getByRole("status").filter({ hasText: "Saved" })).toBeVisible();
    const saved = (await hub.api("GET", `/endpoints/${endpoint.id}`)).body;
    expect(saved.filter).toEqual({ all: [{ path: "data.amount", gt: 10 }] });
    expect(saved.transformation).toBe(SCRIPT);

    await page.getByRole("navigation", { name: "Endpoint" }).getByRole("link", { name: "Delivery rules" }).click();
    await page.getByLabel("Attempts under way at most").fill("3");
    await page.getByLabel("Answer", { exact: true }).fill("4xx");
    await page.getByRole("button", { name: "Add rule" }).click();
    await page.getByRole("group", { name: "Rule 2" }).getByLabel("Answer", { exact: true }).fill("429");
    await page.getByRole("group", { name: "Rule 2" }).getByLabel("Means", { exact: true }).selectOption("retry");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.getByRole("status").filter({ hasText: "Saved" })).toBeVisible();
    expect((await hub.api("GET", `/endpoints/${endpoint.id}`)).body).toMatchObject({ concurrency_limit: 3, status_rules: { "4xx": "fail", "429": "retry" } });

    await page.getByRole("navigation", { name: "Endpoint" }).getByRole("link", { name: "Security" }).click();
    await page.getByText("Rotate…", { exact: true }).click();
    await page.getByRole("button", { name: "Rotate", exact: true }).click();
    await expect(page.getByRole("textbox", { name: "Signing secret" })).toHaveValue(/^whsec_/);
    await page.getByLabel("Kind").selectOption("basic");
    await page.getByLabel("User name").fill("a:b");
    await page.getByLabel("Password").fill("secret");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.getByText(/no colon/)).toBeVisible();
    await expect(page.getByLabel("User name")).toHaveValue("a:b");
  });
});
